import { describe, expect, test } from "vitest";
import { fakeVault } from "../../../functions/clients/vault.fake.ts";
import type { contract } from "../../../functions/credential/notify-sns/contract.ts";
import { notifySns } from "../../../functions/credential/notify-sns/step.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";
import { EC2, ID, LINE, NOW, OTHER_EC2, recordOf, seededRandom, TestInstance } from "../support.ts";
import { atEachCall } from "./dying.ts";
import {
  CREDENTIAL_EXECUTION,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  passwordOf,
  SECRET,
  THIRD,
  TOKEN,
} from "./support.ts";

type Input = InputOf<typeof contract>;

const A_QUARTER_HOUR_MS = 15 * 60_000;
const unreachable: Input = {
  ...{ secret: SECRET, token: TOKEN, step: "PushToAuthority", what: "AuthorityUnreachable", cause: "It is away." },
  ...{
    promoted: false,
    test: false,
    execution: CREDENTIAL_EXECUTION,
    asked: { trigger: "secretsmanager" },
    enteredAt: NOW - 5,
  },
};
const web = { consumer: "web", why: "USES_FORMER" as const, lastAt: NOW - 1000, address: "10.0.0.4" };
const pool = { consumer: "pool", why: "NOT_SEEN" as const };
const behind: Input = { ...unreachable, step: "VerifyCredential", what: "BEHIND", cause: "", behind: [web, pool] };
const late: Input = { ...behind, step: "AwaitConsumers", what: "ConsumersBehind", promoted: true };
const announcing: Input = { ...late, what: "CONSUMER_BEHIND" };

const subjects = ({ mail }: CredentialWorld) => mail.sent.map(({ subject }) => subject);
const text = ({ mail }: CredentialWorld) => mail.sent[0]?.text;
const announced = ({ bus }: CredentialWorld) =>
  bus.events.filter(({ detailType }) => detailType === "Credential Consumer Behind").map(({ detail }) => detail);
const lines = ({ audit }: CredentialWorld) =>
  audit.lying.map(({ act, timeMs, details }) => ({ act, timeMs, ...JSON.parse(details) }));

/** The second version is current, and its former user waits. */
async function turned() {
  const world = await credentialWorld();
  await world.turn();
  return world;
}

/** An instance in the registry. */
async function addInstance(
  { registry }: CredentialWorld,
  id: string,
  ec2InstanceId: string,
  changes: Partial<InstanceRecord>,
) {
  const instance = new TestInstance({ id, ec2InstanceId });
  await registry.add(await recordOf(instance, fakeVault(seededRandom()), changes));
}

describe("a credential that was not turned", () => {
  test("is told of by mail: which, why, where, what to do, and when it is tried again", async () => {
    const world = await credentialWorld();
    expect(await notifySns(unreachable, world)).toEqual({ outcome: "FAILED", said: "It is away." });
    expect(subjects(world)).toEqual([`Keyturn: AuthorityUnreachable on ${SECRET}`]);
    for (const part of [
      ...[`About:      ${SECRET}\n`, "In:         PushToAuthority\n", "Next try:   2026-11-20 03:15:00 UTC\n"],
      ...["section AuthorityUnreachable", "Cause:      It is away.", CREDENTIAL_EXECUTION],
    ]) {
      expect(text(world)).toContain(part);
    }
    expect(world.bus.events).toMatchObject([{ detailType: "Finding Opened", detail: { subject: SECRET } }]);
    expect(world.journal.counts).toEqual(["CredentialRotation FAILED"]);
  });

  test("is noted in its record, with an audit line of the moment at which its state was entered", async () => {
    const world = await credentialWorld();
    await notifySns({ ...unreachable, asked: { requestedBy: "Ann\n(not Bob)", trigger: "secretsmanager" } }, world);
    const execution = "orders-db-2222-1";
    expect(await world.record()).toMatchObject({
      failing: { since: NOW, nextTryAt: NOW + A_QUARTER_HOUR_MS, what: "AuthorityUnreachable", execution },
      auditDue: [],
    });
    expect(lines(world)).toEqual([
      {
        ...{
          act: "failed",
          timeMs: NOW - 5,
          what: "AuthorityUnreachable",
          step: "PushToAuthority",
          token: TOKEN,
          execution,
        },
        ...{ requestedBy: "Ann?(not Bob)", trigger: "secretsmanager" },
      },
    ]);
  });

  test("is tried again the more rarely the longer it fails, but not less than once an hour", async () => {
    const world = await credentialWorld();
    const waits: number[] = [];
    for (let tries = 0; tries < 7; tries += 1) {
      await notifySns({ ...unreachable, execution: `${CREDENTIAL_EXECUTION}${tries}` }, world);
      const { nextTryAt = 0 } = (await world.record()).failing ?? {};
      waits.push((nextTryAt - world.clock.at) / A_QUARTER_HOUR_MS);
      world.clock.at = nextTryAt;
    }
    expect(waits).toEqual([1, 1, 2, 4, 4, 4, 4]);
    expect((await world.record()).failing).toMatchObject({ since: NOW });
    expect(subjects(world)).toHaveLength(1);
    expect(lines(world)).toHaveLength(7);
  });

  test.each([
    ["MISMATCH", "CredentialMismatch"],
    ["BEHIND", "ConsumersBehind"],
    ["OwnerLost", "OwnerLost"],
    ["States.Timeout", "States.Timeout"],
  ])("by %s is told of as %s", async (what, cause) => {
    const world = await credentialWorld();
    await notifySns({ ...unreachable, what }, world);
    expect(subjects(world)).toEqual([`Keyturn: ${cause} on ${SECRET}`]);
    expect((await world.record()).failing).toMatchObject({ what });
  });

  test("has its cause in words, out of what Lambda writes there, and never longer than people read", async () => {
    const world = await credentialWorld();
    const cause = JSON.stringify({ errorType: "OwnerLost", errorMessage: "x".repeat(600), trace: [] });
    expect(await notifySns({ ...unreachable, cause }, world)).toEqual({ outcome: "FAILED", said: "x".repeat(500) });
  });

  test.each(["before", "after"] as const)(
    "dead %s any of its calls, is told of and noted once all the same",
    async (when) => {
      const deaths = await atEachCall(when, {
        async begin() {
          const world = await credentialWorld();
          const { secrets, credentials, audit, findings, mail, bus } = world;
          return { world, neighbours: { secrets, credentials, audit, findings, mail, bus } };
        },
        run: (world, neighbours) => notifySns(unreachable, { ...world, ...neighbours }),
        async check(world) {
          world.clock.at += 5000;
          expect(await notifySns(unreachable, world)).toMatchObject({ outcome: "FAILED" });
          // A claim of who died runs out.
          world.clock.at += A_QUARTER_HOUR_MS;
          await notifySns(unreachable, world);
          expect([1, 2]).toContain(subjects(world).length);
          expect(lines(world)).toMatchObject([{ act: "failed", timeMs: NOW - 5 }]);
          const { failing, auditDue } = await world.record();
          expect(auditDue).toEqual([]);
          expect((failing?.nextTryAt ?? 0) - (failing?.since ?? 0)).toBe(A_QUARTER_HOUR_MS);
        },
      });
      expect(deaths).toBeGreaterThan(10);
    },
  );
});

describe("a version that is current after all is no failure", () => {
  const lost: Input = { ...unreachable, step: "PromoteSuccessor", what: "TemporarilyUnavailable" };
  const ROTATED = {
    detailType: "Credential Rotated",
    detail: { secret: SECRET, versionId: TOKEN, user: "orders_b", execution: CREDENTIAL_EXECUTION },
  };

  test("where only its announcement failed, which is made now", async () => {
    const world = await turned();
    await world.note({ current: { versionId: TOKEN, user: "orders_b", since: NOW, execution: "orders-db-2222-1" } });
    expect(await notifySns(lost, world)).toMatchObject({ outcome: "SUPERSEDED" });
    expect(world.bus.events).toEqual([ROTATED]);
    expect(world.journal.counts).toEqual(["CredentialRotation ROTATED"]);
    expect(world.mail.sent).toEqual([]);
    expect(await world.record()).not.toHaveProperty("failing");
  });

  test("where it could not be noted, it is noted now, with its former user and its line", async () => {
    const world = await credentialWorld();
    await world.secrets.putPending(SECRET, TOKEN, world.valueFor(TOKEN, "orders_b"));
    await world.secrets.promote(SECRET, TOKEN, { from: FIRST });
    const former = { versionId: FIRST, user: "orders_a" };
    await world.note({ confirmed: { versionId: TOKEN, user: "orders_b", at: NOW, former } });
    for (let times = 0; times < 2; times += 1) {
      expect(await notifySns(lost, world)).toMatchObject({ outcome: "SUPERSEDED" });
    }
    const record = await world.record();
    expect(record).toMatchObject({
      current: { versionId: TOKEN, user: "orders_b", since: NOW, execution: "orders-db-2222-1" },
      predecessor: { versionId: FIRST, user: "orders_a", announced: [] },
    });
    expect(lines(world)).toMatchObject([{ act: "promoted", token: TOKEN, user: "orders_b", from: FIRST }]);
    expect(world.bus.events).toEqual([ROTATED, ROTATED]);
    expect(world.mail.sent).toEqual([]);
  });

  test("where another execution has turned it, which has told so itself", async () => {
    const world = await turned();
    const before = await world.record();
    expect(await notifySns({ ...lost, execution: `${CREDENTIAL_EXECUTION}-2` }, world)).toMatchObject({
      outcome: "SUPERSEDED",
    });
    expect([world.mail.sent, world.bus.events, world.journal.counts]).toEqual([[], [], []]);
    expect(await world.record()).toMatchObject(before);
  });

  test("also where the labels do not show it yet, and the record has it", async () => {
    const world = await credentialWorld();
    world.secrets.fallBehind();
    await world.turn();
    expect(await notifySns(lost, world)).toMatchObject({ outcome: "SUPERSEDED" });
  });

  test("but one that somebody has moved to the current place, and nobody confirmed, is noted nowhere", async () => {
    const world = await credentialWorld();
    world.secrets.putCurrent(SECRET, TOKEN, "{}");
    expect(await notifySns(lost, world)).toMatchObject({ outcome: "SUPERSEDED" });
    expect(world.bus.events).toEqual([]);
    expect((await world.record()).current).toBeUndefined();
  });
});

describe("a failure after the promotion", () => {
  const retiring: Input = { ...unreachable, step: "RetirePredecessor", promoted: true };

  test("is told of and has its line, once, and nothing is to be turned again", async () => {
    const world = await turned();
    for (let times = 0; times < 3; times += 1) {
      expect(await notifySns(retiring, world)).toMatchObject({ outcome: "FAILED" });
    }
    expect(subjects(world)).toEqual([`Keyturn: AuthorityUnreachable on ${SECRET}`]);
    expect(text(world)).not.toContain("Next try");
    expect(await world.record()).not.toHaveProperty("failing");
    expect(lines(world)).toMatchObject([{ act: "failed", step: "RetirePredecessor" }]);
  });

  test("promises no next try that an earlier failure has noted", async () => {
    const world = await turned();
    await world.note({ failing: { since: NOW, nextTryAt: NOW + 9, what: "BEHIND", execution: "one" } });
    await notifySns(retiring, world);
    expect(text(world)).not.toContain("Next try");
    expect((await world.record()).failing).toMatchObject({ nextTryAt: NOW + 9 });
  });

  test("is over where a later version is promoted by then", async () => {
    const world = await turned();
    await world.note({ current: { versionId: THIRD, user: "orders_a", since: NOW, execution: "later" } });
    expect(await notifySns(retiring, world)).toMatchObject({ outcome: "SUPERSEDED" });
    expect([world.mail.sent, lines(world)]).toEqual([[], []]);
  });

  test("the deadline is over: who has not moved is told of by name", async () => {
    const world = await turned();
    await notifySns(late, world);
    expect(subjects(world)).toEqual([`Keyturn: ConsumersBehind on ${SECRET}`]);
    expect(text(world)).toContain(
      "Behind:     web at 10.0.0.4: uses the former one, last at 2026-11-20 02:59:59 UTC\n",
    );
    expect(text(world)).toContain("            pool: was not seen on the current one\n");
  });

  test("who has not moved stands in the execution's end, too", async () => {
    const said = "web used orders_a at 2026-11-20 02:59:59 UTC (10.0.0.4); pool was not seen with orders_b";
    expect(await notifySns(late, await turned())).toEqual({ outcome: "FAILED", said });
  });
});

describe("the instance from which a consumer was seen is named", () => {
  const facts = async ({ findings }: CredentialWorld) =>
    (await findings.find({ subject: SECRET, cause: "ConsumersBehind" }))?.facts.behind;

  test("by its address, or by the partition in which its proof lay", async () => {
    const world = await credentialWorld();
    await addInstance(world, ID, EC2, { ip: "10.0.0.4" });
    await addInstance(world, "ffffff", OTHER_EC2, { ip: "10.0.0.5" });
    const proof = { consumer: "batch", why: "USES_FORMER" as const, ec2InstanceId: OTHER_EC2 };
    await notifySns({ ...behind, behind: [web, proof, pool] }, world);
    expect(await facts(world)).toEqual([{ ...web, id: ID, ec2InstanceId: EC2 }, { ...proof, id: "ffffff" }, pool]);
    expect(text(world)).toContain(`Behind:     web at 10.0.0.4 (${ID}, ${EC2}): uses`);
  });

  test.each<[string, Partial<InstanceRecord>[]]>([
    ["nobody has it", [{ ip: "10.0.0.9" }]],
    ["it was that of a host that is off", [{ ip: "10.0.0.4", status: "STOPPED" }]],
    ["two have it", [{ ip: "10.0.0.4" }, { ip: "10.0.0.4" }]],
  ])("by no address where %s", async (_, records) => {
    const world = await credentialWorld();
    for (const [n, changes] of records.entries())
      await addInstance(world, `00000${n}`, `i-0123456789abcdef${n}`, changes);
    await notifySns(behind, world);
    expect(await facts(world)).toEqual([web, pool]);
  });

  test("by no address of a record that is retired", async () => {
    const world = await credentialWorld();
    await addInstance(world, ID, EC2, { ip: "10.0.0.4" });
    await world.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
    await notifySns(behind, world);
    expect(await facts(world)).toEqual([web, pool]);
  });

  test("and the registry is not read where there is nothing to name", async () => {
    const world = await credentialWorld();
    world.registry.listPage = () => Promise.reject(new Error("was read"));
    expect(await notifySns({ ...behind, behind: [pool] }, world)).toMatchObject({ outcome: "FAILED" });
    expect(await notifySns(unreachable, world)).toMatchObject({ outcome: "FAILED" });
  });

  test("of fifty; more are not kept", async () => {
    const world = await credentialWorld();
    await notifySns({ ...behind, behind: Array(70).fill(pool) }, world);
    expect(await facts(world)).toHaveLength(50);
  });
});

describe("the bus is told of each consumer that is behind", () => {
  test("once, with the version to which it has to move, and from where it was seen", async () => {
    const world = await turned();
    await addInstance(world, ID, EC2, { ip: "10.0.0.4" });
    expect(await notifySns(announcing, world)).toMatchObject({ outcome: "ANNOUNCED" });
    const of = { secret: SECRET, versionId: TOKEN, execution: CREDENTIAL_EXECUTION };
    expect(announced(world)).toEqual([
      { ...of, consumer: "web", address: "10.0.0.4", ec2InstanceId: EC2 },
      { ...of, consumer: "pool" },
    ]);
    expect((await world.record()).predecessor?.announced).toEqual(["web", "pool"]);
  });

  test("and no mail is sent, no failure noted, nothing counted", async () => {
    const world = await turned();
    await notifySns(announcing, world);
    expect([world.mail.sent, lines(world), world.journal.counts]).toEqual([[], [], []]);
    expect(await world.record()).not.toHaveProperty("failing");
  });

  test("with the role as which it proves its uses, where it runs on no instance", async () => {
    const world = await turned();
    const role = "arn:aws:iam::111122223333:role/apps/web";
    await notifySns({ ...announcing, behind: [{ consumer: "web", why: "USES_FORMER", role }] }, world);
    expect(announced(world)).toMatchObject([{ consumer: "web", role }]);
  });

  test("not again, though others are", async () => {
    const world = await turned();
    await notifySns({ ...announcing, behind: [web] }, world);
    await notifySns(announcing, world);
    await notifySns(announcing, world);
    expect(announced(world)).toMatchObject([{ consumer: "web" }, { consumer: "pool" }]);
  });

  test("wherever it was seen by that name", async () => {
    const world = await turned();
    await notifySns({ ...announcing, behind: [web, { ...web, address: "10.0.0.5" }] }, world);
    expect(announced(world)).toMatchObject([{ address: "10.0.0.4" }, { address: "10.0.0.5" }]);
    expect((await world.record()).predecessor?.announced).toEqual(["web"]);
  });

  test.each(["before", "after"] as const)("twice at most where it dies %s a call", async (when) => {
    await atEachCall(when, {
      async begin() {
        const world = await turned();
        const { credentials, registry, bus } = world;
        return { world, neighbours: { credentials, registry, bus } };
      },
      run: (world, neighbours) => notifySns(announcing, { ...world, ...neighbours }),
      async check(world) {
        await notifySns(announcing, world);
        for (const name of ["web", "pool"]) {
          const times = announced(world).filter((one) => (one as { consumer: string }).consumer === name).length;
          expect([1, 2]).toContain(times);
        }
      },
    });
  });

  test("not where a later version is promoted by then, nor is it noted beside that one", async () => {
    const world = await turned();
    const later = { versionId: THIRD, user: "orders_a", since: NOW, execution: "later" };
    await world.note({ current: later });
    expect(await notifySns(announcing, world)).toMatchObject({ outcome: "SUPERSEDED" });
    expect(announced(world)).toEqual([]);

    const other = await turned();
    const { put } = other.bus;
    other.bus.put = async (...given) => {
      await other.note({ current: later });
      await put(...given);
    };
    await notifySns(announcing, other);
    expect((await other.record()).predecessor?.announced).toEqual([]);
  });
});

describe("what is no credential of the settings is told of in quotation marks:", () => {
  test.each<[unknown, string]>([
    ["other/db", '"other/db"'],
    ["fleet", '"fleet"'],
    [undefined, '"nothing"'],
    ["", '"nothing"'],
    [{ a: 1 }, '"??a??1?"'],
    ["a\nb; c", '"a?b??c"'],
    ["x".repeat(100), `"${"x".repeat(60)}"`],
  ])("%j", async (secret, subject) => {
    const world = await credentialWorld();
    const input = { ...unreachable, secret, step: "ValidateSecret", what: "InvalidInput" };
    expect(await notifySns(input, world)).toMatchObject({ outcome: "FAILED" });
    expect(subjects(world)).toEqual([`Keyturn: UnknownCredential on ${subject}`]);
    expect(text(world)).not.toContain("Type:       aws secretsmanager");
    expect(world.credentials.records.size).toBe(0);
  });

  test("by the error's own name where that is another one", async () => {
    const world = await credentialWorld();
    await notifySns({ ...unreachable, secret: "other/db", what: "TemporarilyUnavailable" }, world);
    expect(subjects(world)).toEqual(['Keyturn: TemporarilyUnavailable on "other/db"']);
  });
});

test("a rotation that somebody asked for with a malformed token is told of, and tried again by nobody", async () => {
  const world = await credentialWorld();
  const malformed = { ...unreachable, token: { a: 1 }, step: "ValidateSecret", what: "InvalidInput" };
  expect(await notifySns(malformed, world)).toMatchObject({ outcome: "FAILED" });
  expect(subjects(world)).toEqual([`Keyturn: InvalidInput on ${SECRET}`]);
  expect(text(world)).not.toContain("Next try");
  expect(lines(world)).toMatchObject([{ act: "failed", what: "InvalidInput" }]);
  expect(lines(world)[0]).not.toHaveProperty("token");
  expect(await world.record()).not.toHaveProperty("failing");
});

test("the line of a failure says who asked by an event", async () => {
  const world = await credentialWorld();
  const asked = (token: string, requestedBy: string) => ({ token, force: false, heal: false, at: NOW, requestedBy });
  await world.note({ requested: [asked(THIRD, "Bob"), asked(TOKEN, "Ann")] });
  await notifySns(unreachable, world);
  expect(lines(world)).toMatchObject([{ act: "failed", requestedBy: "Ann", trigger: "secretsmanager" }]);
});

test("a test that failed is told of and has its line, and no rotation is asked for that nobody wanted yet", async () => {
  const world = await credentialWorld();
  const tested = { ...unreachable, step: "VerifyCredential", test: true };
  expect(await notifySns(tested, world)).toMatchObject({ outcome: "FAILED" });
  expect(subjects(world)).toEqual([`Keyturn: AuthorityUnreachable on ${SECRET}`]);
  expect(text(world)).not.toContain("Next try");
  expect(lines(world)).toMatchObject([{ act: "failed", step: "VerifyCredential" }]);
  expect(await world.record()).not.toHaveProperty("failing");
});

test("no mail, event, line or journal holds a password", async () => {
  const world = await turned();
  for (const input of [unreachable, behind, late, announcing]) await notifySns(input, world);
  const told = JSON.stringify([world.mail.sent, world.bus.events, world.audit.lying, world.journal.lines]);
  for (const version of [FIRST, TOKEN]) expect(told).not.toContain(passwordOf(version));
});
