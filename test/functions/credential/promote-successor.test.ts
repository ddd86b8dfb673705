import { describe, expect, test } from "vitest";
import { promoteSuccessor } from "../../../functions/credential/promote-successor/step.ts";
import type { VersionOf } from "../../../functions/credential/record.ts";
import type { CREDENTIAL_VERDICTS } from "../../../functions/credential/verify-credential/contract.ts";
import { NOW } from "../support.ts";
import { atEachCall } from "./dying.ts";
import {
  API_SECRET,
  CREDENTIAL_EXECUTION,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  LIFETIME_MS,
  passwordOf,
  QUIET_MS,
  SECRET,
  THIRD,
  TOKEN,
  type TokenWorld,
  tokenWorld,
} from "./support.ts";

const input = {
  ...{ secret: SECRET, token: TOKEN },
  current: { versionId: FIRST, user: "orders_a" as string | undefined },
  other: { user: "orders_b" },
  verdict: "MATCH" as (typeof CREDENTIAL_VERDICTS)[number],
  ...{ execution: CREDENTIAL_EXECUTION, asked: { trigger: "secretsmanager" }, enteredAt: NOW - 5 },
};
const soon = { againInSeconds: QUIET_MS / 1000 };
const done = { predecessor: { versionId: FIRST, user: "orders_a" }, ...soon };
const CONFIRMED = { versionId: TOKEN, user: "orders_b", at: NOW, former: { versionId: FIRST, user: "orders_a" } };
const PREDECESSOR = { versionId: FIRST, user: "orders_a", announced: [] };

/** The second version is set at the authority, and confirmed. */
async function confirmed({ former }: { former?: VersionOf | undefined } = CONFIRMED) {
  const world = await credentialWorld();
  await world.secrets.putPending(SECRET, TOKEN, world.valueFor(TOKEN, "orders_b"));
  await world.authority.honour({ user: "orders_b", password: passwordOf(TOKEN) }, async () => true);
  const { former: _, ...accepted } = CONFIRMED;
  await world.note({ confirmed: { ...accepted, ...(former && { former }) } });
  return world;
}

/** A later version is turned to the end; the user of the first one is its own. */
async function turnLater(world: CredentialWorld): Promise<void> {
  world.secrets.begin(SECRET, THIRD);
  await world.secrets.putPending(SECRET, THIRD, world.valueFor(THIRD, "orders_a"));
  const { current = "" } = (await world.secrets.stages(SECRET)) ?? {};
  await world.secrets.promote(SECRET, THIRD, { from: current });
  const { confirmed: _, version: __, ...record } = await world.record();
  await world.credentials.write(
    { ...record, current: { versionId: THIRD, user: "orders_a", since: NOW, execution: "later" } },
    await world.credentials.find(SECRET),
  );
}

const currentOf = async ({ secrets }: CredentialWorld) => (await secrets.stages(SECRET))?.current;
const lines = ({ audit }: CredentialWorld) =>
  audit.lying.map(({ act, timeMs, details }) => ({ act, timeMs, ...JSON.parse(details) }));

test("the confirmed version is the current one, in Secrets Manager and in the record, since now", async () => {
  const world = await confirmed();
  expect(await promoteSuccessor(input, world)).toEqual(done);
  expect(await world.secrets.stages(SECRET)).toMatchObject({ current: TOKEN, predecessor: FIRST });
  const record = await world.record();
  expect(record.current).toEqual({ versionId: TOKEN, user: "orders_b", since: NOW, execution: "orders-db-2222-1" });
  expect(record.predecessor).toEqual(PREDECESSOR);
  // Sessions that have begun since then use it.
  expect(record.confirmed).toEqual(CONFIRMED);
});

test("the secret is free for its next rotation, also after somebody has put a value by hand", async () => {
  const world = await confirmed();
  await promoteSuccessor(input, world);
  world.secrets.putCurrent(SECRET, "another-version-that-a-person-has-put", "by hand");
  expect(await world.secrets.askForRotation(SECRET, THIRD)).toBe("asked");
});

test("what was asked for under this token is done with, and what failed is over; the rest stays", async () => {
  const world = await confirmed();
  const asked = (token: string) => ({ token, force: true, heal: false, at: NOW });
  const sightings = [{ consumer: "web", user: "orders_a", at: NOW, by: "proofs" as const }];
  await world.note({
    requested: [asked(TOKEN), asked(THIRD)],
    failing: { since: 1, nextTryAt: 2, what: "BEHIND", execution: "one" },
    sightings,
  });
  await promoteSuccessor(input, world);
  const record = await world.record();
  expect(record).not.toHaveProperty("failing");
  expect(record.requested).toEqual([asked(THIRD)]);
  expect(record.sightings).toEqual(sightings);
});

test("it is told on the bus, and counted", async () => {
  const world = await confirmed();
  await promoteSuccessor(input, world);
  const detail = { secret: SECRET, versionId: TOKEN, user: "orders_b", execution: CREDENTIAL_EXECUTION };
  expect(world.bus.events).toEqual([{ detailType: "Credential Rotated", detail }]);
  expect(world.journal.counts).toEqual(["CredentialRotation ROTATED"]);
});

test("the audit line says which version, whose, after what verdict, of which execution, and who asked, as claimed", async () => {
  const world = await confirmed();
  const asked = { requestedBy: "Ann\n(not Bob)", trigger: "secretsmanager" };
  await promoteSuccessor({ ...input, verdict: "MATCH_PENDING", asked }, world);
  expect(lines(world)).toEqual([
    {
      ...{ act: "promoted", timeMs: NOW - 5, token: TOKEN, user: "orders_b", verdict: "MATCH_PENDING", from: FIRST },
      ...{ execution: "orders-db-2222-1", requestedBy: "Ann?(not Bob)", trigger: "secretsmanager" },
    },
  ]);
  expect((await world.record()).auditDue).toEqual([]);
});

test("who asked by an event is in the audit line, too: the execution's input claims only that Secrets Manager did", async () => {
  const world = await confirmed();
  await world.note({ requested: [{ token: TOKEN, force: false, heal: false, at: NOW, requestedBy: "Ann" }] });
  await promoteSuccessor(input, world);
  expect(lines(world)).toMatchObject([{ act: "promoted", requestedBy: "Ann", trigger: "secretsmanager" }]);
});

describe("who is to be retired", () => {
  const standing = { versionId: THIRD, user: "orders_b", announced: ["web"] };

  test("is nobody where nobody can hold the former version", async () => {
    const world = await confirmed({});
    expect(await promoteSuccessor({ ...input, verdict: "UNSET" }, world)).toEqual(soon);
    expect(await world.record()).not.toHaveProperty("predecessor");
  });

  test("is the former user also where the authority refused him", async () => {
    const world = await confirmed();
    expect(await promoteSuccessor({ ...input, verdict: "MISMATCH" }, world)).toEqual(done);
    expect((await world.record()).predecessor).toEqual(PREDECESSOR);
  });

  test("is no longer the one who was turned just now, and was to be retired", async () => {
    const world = await confirmed({});
    await world.note({ predecessor: standing });
    await promoteSuccessor({ ...input, current: { versionId: FIRST } }, world);
    expect(await world.record()).not.toHaveProperty("predecessor");
  });

  test("is still the other one, where the former value named none of the two", async () => {
    const world = await confirmed({});
    await world.note({ predecessor: { ...standing, user: "orders_a" } });
    const left = { predecessor: { versionId: THIRD, user: "orders_a" }, ...soon };
    expect(await promoteSuccessor({ ...input, current: { versionId: FIRST } }, world)).toEqual(left);
    expect((await world.record()).predecessor).toEqual({ ...standing, user: "orders_a" });
  });
});

test("promoted twice, the second changes nothing, and the moment stays", async () => {
  const world = await confirmed();
  await promoteSuccessor(input, world);
  const { version: _, ...after } = await world.record();
  world.clock.at += 60_000;
  expect(await promoteSuccessor({ ...input, enteredAt: NOW + 7 }, world)).toEqual(done);
  expect(await world.record()).toMatchObject(after);
  expect(lines(world)).toHaveLength(1);
  expect(world.bus.events).toHaveLength(2);
});

test.each(["before", "after"] as const)("dead %s any of its calls, it is right when it is run again", async (when) => {
  const deaths = await atEachCall(when, {
    async begin() {
      const world = await confirmed();
      const { secrets, credentials, audit, bus } = world;
      return { world, neighbours: { secrets, credentials, audit, bus } };
    },
    run: (world, neighbours) => promoteSuccessor(input, { ...world, ...neighbours }),
    async check(world) {
      world.clock.at += 2000;
      expect(await promoteSuccessor(input, world)).toEqual(done);
      expect(await currentOf(world)).toBe(TOKEN);
      const record = await world.record();
      expect(record).toMatchObject({ current: { versionId: TOKEN, user: "orders_b" }, predecessor: PREDECESSOR });
      expect(record.auditDue).toEqual([]);
      expect(lines(world)).toMatchObject([{ act: "promoted", timeMs: NOW - 5 }]);
      expect(world.bus.events.length).toBeGreaterThan(0);
    },
  });
  expect(deaths).toBeGreaterThan(8);
});

describe("nothing is promoted that the authority has not accepted:", () => {
  test.each([
    ["nothing was confirmed", undefined],
    ["another version was", { versionId: THIRD, user: "orders_b", at: NOW }],
    ["another user was", { versionId: TOKEN, user: "orders_a", at: NOW }],
  ])("%s", async (_, accepted) => {
    const world = await confirmed();
    const { confirmed: __, ...record } = await world.record();
    await world.credentials.write({ ...record, ...(accepted && { confirmed: accepted }) }, await world.record());
    const failed = promoteSuccessor(input, world);
    await expect(failed).rejects.toThrow("was not confirmed");
    await expect(failed).rejects.toMatchObject({ name: "Error" });
    expect(await currentOf(world)).toBe(FIRST);
    expect(world.bus.events).toEqual([]);
  });
});

describe("it is superseded, and moves no label, where", () => {
  test.each<[string, (world: CredentialWorld) => unknown, string]>([
    ["a later version is current", (world) => turnLater(world), THIRD],
    ["somebody has made another one current", ({ secrets }) => secrets.putCurrent(SECRET, THIRD, "{}"), THIRD],
    ["another version is pending", ({ secrets }) => secrets.begin(SECRET, THIRD), FIRST],
    ["none is pending", ({ secrets }) => secrets.dropPending(SECRET, TOKEN), FIRST],
  ])("%s", async (_, befall, current) => {
    const world = await confirmed();
    await befall(world);
    await expect(promoteSuccessor(input, world)).rejects.toMatchObject({ name: "Superseded" });
    expect(await currentOf(world)).toBe(current);
    expect(world.bus.events).toEqual([]);
    expect(lines(world)).toEqual([]);
  });
});

test("held up after its promotion, until a later version was promoted and noted, it leaves the record as it is", async () => {
  const world = await confirmed();
  const { promote } = world.secrets;
  const secrets: typeof world.secrets = {
    ...world.secrets,
    async promote(...given) {
      const isCurrent = await promote(...given);
      await turnLater(world);
      return isCurrent;
    },
  };
  await expect(promoteSuccessor(input, { ...world, secrets })).rejects.toMatchObject({ name: "Superseded" });
  expect((await world.record()).current).toMatchObject({ versionId: THIRD });
  expect(world.bus.events).toEqual([]);
});

test("a secret that is gone is told of as that", async () => {
  const world = await confirmed();
  world.secrets.delete(SECRET);
  await expect(promoteSuccessor(input, world)).rejects.toMatchObject({ name: "SecretGone" });
});

test("of a secret that no setting names nothing is asked", async () => {
  const world = await confirmed();
  const asked = { ...input, secret: "other/db" };
  await expect(promoteSuccessor(asked, world)).rejects.toMatchObject({ name: "UnknownCredential" });
});

describe("a token", () => {
  const asked = {
    ...input,
    ...{ secret: API_SECRET, current: { versionId: FIRST, user: "token_a" }, other: { user: "token_b" } },
  };
  const life = { from: NOW, to: NOW + LIFETIME_MS };

  /** A world whose pending version has a token that the probe has accepted. */
  async function confirmedToken(): Promise<TokenWorld> {
    const world = await tokenWorld();
    const { value } = await world.issueFor(TOKEN, "token_b");
    await world.secrets.putPending(API_SECRET, TOKEN, value);
    const former = { versionId: FIRST, user: "token_a", life };
    await world.note({ confirmed: { versionId: TOKEN, user: "token_b", life, at: NOW, former } });
    return world;
  }

  test("is noted with its life, and so is the one before it", async () => {
    const world = await confirmedToken();
    const former = { versionId: FIRST, user: "token_a" };
    expect(await promoteSuccessor(asked, world)).toEqual({ predecessor: former, againInSeconds: QUIET_MS / 1000 });
    expect(await world.record()).toMatchObject({ current: { versionId: TOKEN, user: "token_b", life } });
    expect((await world.record()).predecessor).toEqual({ ...former, life, announced: [] });
  });

  test("whose turn was forced has the one before it end at once", async () => {
    const world = await confirmedToken();
    await world.note({ requested: [{ token: TOKEN, force: true, heal: false, at: NOW }] });
    expect(await promoteSuccessor(asked, world)).toMatchObject({ againInSeconds: 1 });
    expect((await world.record()).predecessor).toMatchObject({ versionId: FIRST, forced: true });
  });

  test("that another one's force was asked for ends nothing", async () => {
    const world = await confirmedToken();
    await world.note({ requested: [{ token: THIRD, force: true, heal: false, at: NOW }] });
    await promoteSuccessor(asked, world);
    expect((await world.record()).predecessor).not.toHaveProperty("forced");
  });

  test("takes the place of one that is not retired, which stays remembered", async () => {
    const world = await confirmedToken();
    await world.note({ predecessor: { versionId: THIRD, user: "token_b", announced: [] } });
    await promoteSuccessor(asked, world);
    const { predecessor, issued } = await world.record();
    expect(predecessor).toMatchObject({ versionId: FIRST });
    expect(issued).toContain(THIRD);
  });
});
