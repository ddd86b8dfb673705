import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { usesInBoth } from "../../../functions/clients/uses.both.ts";
import type { Uses } from "../../../functions/clients/uses.ts";
import type { Use, UseWriter } from "../../../protocol/index.ts";
import { hex64Of } from "../support.ts";
import { eventually } from "./eventually.ts";

/** Where uses lie, and how whoever holds an instance's credentials writes there. */
export interface WrittenUses {
  uses: Uses;
  /** Writes what a consumer writes; role, consumer, version and proof may have any form. */
  write(use: Use): unknown;
}

/** Uses that lie half in the one and half in the other, by who wrote them. */
export function usesHalfInEach(one: WrittenUses, other: WrittenUses): WrittenUses {
  return {
    uses: usesInBoth(one.uses, other.uses),
    write: (use) => (/[02468ace]$/.test(whoWrote(use)) ? one : other).write(use),
  };
}

/** How many are read at the most, where this suite asks. */
export const MOST_HERE = 12;

/** What every place of uses does; `makePlace` is called once. */
export function usesSuite(makePlace: (most: number) => WrittenUses | Promise<WrittenUses>): void {
  let place: WrittenUses;
  let secret: string;
  // Timestream refuses what is too old; a moment in the last minutes serves all.
  const start = Date.now() - 600_000;
  const [first, second] = [randomUUID(), randomUUID()];
  // Of uses in two stores, those of the first and last host lie in the one, and those of the second in the other.
  const hosts = [0, 1, 2].map((last) => `i-${randomBytes(8).toString("hex")}${last}`);
  const [host = "", otherHost = ""] = hosts;

  beforeAll(async () => {
    place = await makePlace(MOST_HERE);
  });
  beforeEach(() => {
    secret = `test/${randomUUID()}`;
  });

  const roles = ["arn:aws:iam::111122223333:role/web0", "arn:aws-cn:iam::111122223333:role/apps/web/web1"];

  const useAt = (offset: number, change: Partial<Omit<Use, keyof UseWriter>> = {}, writer?: UseWriter): Use => ({
    ...(writer ?? { ec2InstanceId: host }),
    ...{ secret, consumer: "web-1", versionId: first },
    ...{ timeMs: start + offset, proof: hex64Of(`${offset}`) },
    ...change,
  });
  const read = (count: number, window: { from?: number; to?: number } = {}, of = secret) =>
    eventually(
      () => place.uses.of(of, { from: start, to: start + 400_000, ...window }),
      (uses) => uses.length >= count,
    );

  test("of a secret that nobody used there is nothing", async () => expect(await read(0)).toEqual([]));

  test("uses are read as they were written, newest first, whoever wrote them", async () => {
    const written = [
      useAt(2000),
      useAt(1, { consumer: "db+tools@web/2" }),
      useAt(3000, { versionId: second }),
      useAt(1000, {}, { ec2InstanceId: otherHost }),
    ];
    for (const use of written) await place.write(use);
    expect(await read(4)).toEqual([written[2], written[0], written[3], written[1]]);
  });

  test("uses by roles are read beside those by instances, several of one role by their names", async () => {
    const written = [
      useAt(1000),
      ...roles.map((role, n) => useAt(2000 + n, {}, { role })),
      useAt(3000, { consumer: "web-2" }, { role: roles[0] as string }),
      useAt(4000, { consumer: "web-2" }, { role: roles[0] as string }),
    ];
    for (const use of written) await place.write(use);
    const last = await eventually(
      () => read(4),
      ([newest]) => newest?.timeMs === start + 4000,
    );
    expect(last).toEqual([written[4], written[2], written[1], written[0]]);
  });

  test("of each version that a consumer uses on an instance, the last use is read", async () => {
    for (const ec2InstanceId of hosts) {
      for (const offset of [1000, 2000, 3000]) await place.write(useAt(offset, {}, { ec2InstanceId }));
    }
    const last = await eventually(
      () => read(3),
      (uses) => uses.every(({ timeMs }) => timeMs === start + 3000),
    );
    expect(last.toSorted(byHost)).toEqual(
      hosts.map((ec2InstanceId) => useAt(3000, {}, { ec2InstanceId })).toSorted(byHost),
    );
  });

  test("the ends of the window are included, and what lies beyond them is not there", async () => {
    const written = [0, 1, 2, 3].map((n) =>
      useAt(n * 1000, { consumer: `web-${n}` }, { ec2InstanceId: hosts[n % 2] as string }),
    );
    for (const use of written) await place.write(use);
    await read(4);
    expect(await read(2, { from: start + 1000, to: start + 2000 })).toEqual([written[2], written[1]]);
    expect(await read(0, { from: start + 1001, to: start + 1999 })).toEqual([]);
  });

  test("uses of other secrets are not read, whatever their names", async () => {
    const names = [secret, `${secret}/1`, secret.slice(0, -1), "test", secret.toUpperCase()];
    for (const [n, name] of names.entries()) await place.write(useAt(n, { secret: name }));
    expect(await read(1)).toEqual([useAt(0)]);
    expect(await read(1, {}, `${secret}/1`)).toEqual([useAt(1, { secret: `${secret}/1` })]);
  });

  test("what is no use is passed over, and takes no place of one", async () => {
    const spoilt: Partial<Omit<Use, keyof UseWriter>>[] = [
      { consumer: "web-2", proof: "'; DROP TABLE" },
      { consumer: "web-3", proof: hex64Of("x").toUpperCase() },
      { consumer: "web-4", proof: `${hex64Of("x")}0` },
      { consumer: "web 5" },
      { consumer: "w".repeat(64) },
      { versionId: "short" },
    ];
    await place.write(useAt(1));
    for (const [n, change] of spoilt.entries()) await place.write(useAt(2 + n, change));
    for (const [n, role] of NO_ROLES.entries()) await place.write(useAt(50 + n, {}, { role }));
    await place.write(useAt(100, { versionId: second }));
    expect(await read(2)).toEqual([useAt(100, { versionId: second }), useAt(1)]);
  });

  test("as many as are read at the most are read, and more are told of and never cut", async () => {
    // Whoever floods may do so as an instance and as a role.
    const writers = [{ ec2InstanceId: host }, { role: roles[0] as string }] as const;
    const flood = (n: number) => place.write(useAt(n, { consumer: `made-up-${n}` }, writers[n % 2]));
    for (let n = 0; n < MOST_HERE; n += 1) await flood(n);
    expect(await read(MOST_HERE)).toHaveLength(MOST_HERE);
    await flood(MOST_HERE);
    const thrown = await eventually(
      () => read(0).catch((error: unknown) => error),
      (answer) => answer instanceof Error,
    );
    expect(thrown).toMatchObject({ name: "TooManyUses", message: expect.stringContaining(secret) });
    // Of a window that holds no more than are read, they are.
    expect(await read(MOST_HERE, { to: start + MOST_HERE - 1 })).toHaveLength(MOST_HERE);
  });

  test("a name that no secret has is not asked for", async () => {
    const window = { from: start, to: start + 1 };
    for (const name of ["", "x' OR 'a' = 'a", "orders#db", "arn:aws:secretsmanager:us-east-1:000000000000:secret:db"]) {
      await expect(place.uses.of(name, window)).rejects.toThrow(
        new TypeError("secret must be the name of a secret, and no ARN"),
      );
    }
  });
}

/** What is no role's ARN, as somebody may have written it. */
const NO_ROLES = [
  "arn:aws:sts::111122223333:assumed-role/web/session",
  "arn:aws:iam::111122223333:user/web",
  "arn:aws:iam::111122223333:role/",
  "arn:aws:iam::111122223333:role/'; DROP TABLE",
];

const whoWrote = ({ ec2InstanceId, role }: Use): string => role ?? ec2InstanceId;

function byHost(one: Use, other: Use): number {
  return whoWrote(one) < whoWrote(other) ? -1 : 1;
}
