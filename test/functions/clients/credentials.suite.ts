import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Credentials } from "../../../functions/clients/credentials.ts";
import type { Registry } from "../../../functions/clients/registry.ts";
import type { CredentialRecord } from "../../../functions/credential/record.ts";

/** Where credentials' records lie, and the registry that lies in the same place. */
export interface CredentialPlace {
  credentials: Credentials;
  registry: Registry;
}

/** What all places of credentials' records do; `makePlace` is called once. */
export function credentialsSuite(makePlace: () => CredentialPlace | Promise<CredentialPlace>): void {
  let credentials: Credentials;
  let registry: Registry;
  let name: string;
  beforeAll(async () => {
    ({ credentials, registry } = await makePlace());
  });
  beforeEach(() => {
    name = `test/${randomUUID()}`;
  });

  const [first, second] = [randomUUID(), randomUUID()];
  const begun = () => ({ name, requested: [], sightings: [] });
  /** A record with everything in it that there may be. */
  const full = (): Omit<CredentialRecord, "version"> => ({
    name,
    current: { versionId: second, user: "orders_b", since: 1_763_600_000_000, execution: "arn:of:an:execution" },
    predecessor: { versionId: first, user: "orders_a", shutAt: 1_763_600_001_000, announced: ["web-1"] },
    confirmed: { versionId: second, user: "orders_b", at: 1_763_599_999_000 },
    requested: [{ token: second, force: true, heal: false, at: 1, requestedBy: "é", reason: "It leaked." }],
    sightings: [
      { consumer: "web-1", user: "orders_b", at: 2, by: "sessions", address: "10.0.0.1" },
      { consumer: "web-2", user: "orders_a", at: 3, by: "proofs", ec2InstanceId: "i-0123456789abcdef0" },
    ],
    failing: { since: 4, nextTryAt: 5, what: "AuthorityUnreachable", execution: "arn:of:an:execution" },
    auditHead: { n: 1, digest: "00" },
    auditDue: [{ act: "CREDENTIAL_TURNED", timeMs: 6, details: "{}" }],
  });

  test("of what was never written there is nothing", async () => expect(await credentials.find(name)).toBeUndefined());

  test("a record is read as it was written, and its writes are counted", async () => {
    const written = await credentials.write(full(), undefined);
    expect(written).toEqual({ ...full(), version: 1 });
    expect(await credentials.find(name)).toEqual(written);
    const later = await credentials.write({ ...begun(), sightings: full().sightings }, written);
    expect(later).toEqual({ ...begun(), sightings: full().sightings, version: 2 });
    // What a later one has not is gone.
    expect(await credentials.find(name)).toEqual(later);
  });

  test("of two who write what they read at the same time, one writes", async () => {
    expect(await credentials.write(begun(), undefined)).toMatchObject({ version: 1 });
    expect(await credentials.write(full(), undefined)).toBeUndefined();
    const read = await credentials.find(name);
    expect(read).toEqual({ ...begun(), version: 1 });
    const both = await Promise.all([credentials.write(full(), read), credentials.write(begun(), read)]);
    expect(both.filter((one) => one === undefined)).toHaveLength(1);
    expect(await credentials.find(name)).toEqual(both.find((one) => one !== undefined));
    // Whoever read before that writes no more.
    expect(await credentials.write(begun(), read)).toBeUndefined();
    expect(await credentials.find(name)).toMatchObject({ version: 2 });
  });

  test("a record that is not there is not written over", async () => {
    expect(await credentials.write(begun(), { ...begun(), version: 3 })).toBeUndefined();
    expect(await credentials.find(name)).toBeUndefined();
  });

  test("what is read or was written is the caller's own", async () => {
    const record = full();
    const written = await credentials.write(record, undefined);
    record.sightings.length = 0;
    const read = await credentials.find(name);
    read?.sightings.splice(0);
    expect(await credentials.find(name)).toEqual({ ...full(), version: 1 });
    expect(written).toMatchObject({ version: 1 });
  });

  test("credentials of other names are others", async () => {
    await credentials.write(full(), undefined);
    expect(await credentials.find(`${name}/1`)).toBeUndefined();
    expect(await credentials.find(name.toUpperCase())).toBeUndefined();
  });

  test("a credential's record is no instance's, whoever looks for these", async () => {
    const sixHex = { ...full(), name: "0a1b2c" };
    await credentials.write(full(), undefined);
    await credentials.write(sixHex, await credentials.find("0a1b2c"));
    expect(await registry.find(name)).toBeUndefined();
    expect(await registry.find("0a1b2c")).toBeUndefined();
    expect(await registry.findByEc2Instance("i-0123456789abcdef0")).toEqual([]);
    const listed = await allOf((after) => registry.listPage({ limit: 100, after }));
    expect(listed.flatMap(({ records }) => records).filter((one) => "sightings" in one)).toEqual([]);
    const due = await allOf((after) => registry.listDue({ at: Number.MAX_SAFE_INTEGER, limit: 100, after }));
    expect(due.flatMap(({ due }) => due).filter(({ id }) => !/^[0-9a-f]{6}$/.test(id) || id === "0a1b2c")).toEqual([]);
  });
}

/** All pages of a list. */
async function allOf<Page extends { next?: string }>(
  ask: (after: string | undefined) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = [];
  let next: string | undefined;
  do {
    const page = await ask(next);
    pages.push(page);
    next = page.next;
  } while (next !== undefined);
  return pages;
}
