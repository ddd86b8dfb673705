import { describe, expect, test } from "vitest";
import { withLine } from "../../../functions/credential/alter.ts";
import { newRecord } from "../../../functions/credential/record.ts";
import { startNextTry, tryName } from "../../../functions/credential/tries.ts";
import { StepError } from "../../../functions/shared/errors.ts";
import { lookAtCredentials } from "../../../functions/watch/look-at-credentials/step.ts";
import { readCredentials } from "../../../functions/watch/read-credentials/step.ts";
import type { SeenCredential } from "../../../functions/watch/seen-credential.ts";
import {
  CREDENTIAL,
  type CredentialWorld,
  credentialWorld,
  DEADLINE_MS,
  FIRST,
  QUIET_MS,
  READER,
  SECRET,
  THIRD,
  TOKEN,
  WRITER,
} from "../credential/support.ts";
import { LINE, LOOKS_EVERY_MS } from "../support.ts";
import { counted } from "./counted.ts";
import { AN_HOUR_MS, LOOK } from "./looked.ts";

const A_DAY_MS = 24 * AN_HOUR_MS;
const ROTATOR = "arn:aws:lambda:us-east-1:000000000000:function:keyturn-credential-rotate";

/** A world in which no version is pending. */
async function quietWorld(): Promise<CredentialWorld> {
  const world = await credentialWorld();
  await world.secrets.dropPending(SECRET, TOKEN);
  return world;
}

/** A world after a turn, whose consumers have moved, and whose predecessor is retired. */
async function turnedWorld(): Promise<CredentialWorld> {
  const world = await quietWorld();
  world.secrets.begin(SECRET, TOKEN);
  await world.turn();
  const { predecessor: _, version: __, ...record } = await world.record();
  await world.credentials.write(record, await world.credentials.find(SECRET));
  await world.secrets.dropPending(SECRET, TOKEN);
  world.connect("orders_b", "pool");
  world.prove(TOKEN);
  return world;
}

function judge(world: CredentialWorld, credentials: SeenCredential[]) {
  return lookAtCredentials({ credentials, execution: LOOK }, { ...world, looksEveryMs: LOOKS_EVERY_MS });
}

/** One whole look. */
async function look(world: CredentialWorld) {
  const { credentials } = await readCredentials({}, world);
  return judge(world, credentials);
}

/** The next look, as long after this one as looks are apart. */
async function lookAgain(world: CredentialWorld) {
  world.clock.at += LOOKS_EVERY_MS;
  return look(world);
}

const finding = ({ findings }: CredentialWorld, cause: string, subject = SECRET) => findings.find({ subject, cause });
const mailed = ({ mail }: CredentialWorld) => mail.sent.map(({ subject }) => subject);
const on = (cause: string) => `Keyturn: ${cause} on ${SECRET}`;
const inputs = ({ executions }: CredentialWorld) => executions.started.map(({ name, input }) => [name, input]);

const start = (world: CredentialWorld, token = TOKEN) =>
  startNextTry({ secret: SECRET, token }, { last: undefined, trigger: "secretsmanager" }, world);
function end({ executions }: CredentialWorld, error = "", name = tryName({ secret: SECRET, token: TOKEN }, 1)): void {
  const one = executions.started.find((started) => started.name === name);
  if (one === undefined) throw new Error(`there is no ${name}`);
  Object.assign(one, { ended: true, end: { status: error === "" ? "ABORTED" : "FAILED", error, cause: "" } });
}

function setAway(world: CredentialWorld, isAway: boolean): void {
  const server = world.authority.servers.get(READER);
  if (server) server.isAway = isAway;
}

test("all is well: nobody is told, nothing is begun, and that it was looked is counted", async () => {
  const world = await turnedWorld();
  expect(await look(world)).toEqual({ looked: 1, refused: 0, begun: 0 });
  expect([mailed(world), world.bus.events, world.executions.started, world.secrets.asked]).toEqual([[], [], [], []]);
  expect(world.journal.counts).toEqual(["CredentialLook"]);
});

test("what a look costs while all is well: the calls that are stated", async () => {
  const world = await turnedWorld();
  await look(world);
  const { credentials } = await readCredentials({}, world);
  const calls: string[] = [];
  const { secrets, audit, executions, findings, mail, bus } = world;
  const watched = Object.entries({ secrets, credentials: world.credentials, audit, executions, findings, mail, bus });
  const neighbours = Object.fromEntries(watched.map(([name, one]) => [name, counted(name, one, calls)]));
  await judge({ ...world, ...neighbours } as CredentialWorld, credentials);
  expect(calls.sort()).toEqual(["credentials.find", ...Array(7).fill("findings.find"), "secrets.oversight"]);
});

test("where the settings name none, nobody is called", async () => {
  const world = await credentialWorld();
  const nobody = new Proxy({}, { get: () => expect.fail("somebody was called") });
  const neighbours = { credentials: nobody, secrets: nobody, findings: nobody, executions: nobody, journal: nobody };
  expect(await judge({ ...world, ...neighbours } as CredentialWorld, [])).toEqual({ looked: 0, refused: 0, begun: 0 });
});

test("one that was taken out of the settings meanwhile is passed over", async () => {
  const world = await turnedWorld();
  const { credentials } = await readCredentials({}, world);
  world.secrets.delete(SECRET);
  await judge({ ...world, credentialSettings: [] }, credentials);
  expect(mailed(world)).toEqual([]);
});

test("audit lines that are due are put", async () => {
  const world = await turnedWorld();
  const { version: _, ...record } = await world.record();
  await world.credentials.write(withLine(record, LINE), await world.credentials.find(SECRET));
  await look(world);
  expect((await world.audit.lines(SECRET, {})).lines).toMatchObject([{ act: LINE.act, n: 1 }]);
  expect((await world.record()).auditDue).toEqual([]);
});

describe("the authority refuses the current login", () => {
  const setPassword = (world: CredentialWorld, password: string) =>
    world.authority.honour({ user: "orders_b", password }, async () => true);

  test("people are told at once, with what it said, once; and it ends when the login is accepted everywhere", async () => {
    const world = await turnedWorld();
    await setPassword(world, "somebody else's");
    world.authority.catchUp();
    expect(await look(world)).toMatchObject({ refused: 1 });
    await lookAgain(world);
    expect(mailed(world)).toEqual([on("CredentialMismatch")]);
    const said = `${WRITER}: the password is wrong; ${READER}: the password is wrong`;
    expect(await finding(world, "CredentialMismatch")).toMatchObject({ facts: { said }, execution: LOOK, times: 2 });
    await setPassword(world, "password of 22222222-2222-4222-8222-222222222222");
    await lookAgain(world);
    expect(await finding(world, "CredentialMismatch")).not.toHaveProperty("endedAt");
    world.authority.catchUp();
    await lookAgain(world);
    expect(await finding(world, "CredentialMismatch")).toHaveProperty("endedAt", world.now());
  });

  test("but while a server cannot be reached, it is not over", async () => {
    const world = await turnedWorld();
    await setPassword(world, "somebody else's");
    await look(world);
    await setPassword(world, "password of 22222222-2222-4222-8222-222222222222");
    setAway(world, true);
    await lookAgain(world);
    expect(await finding(world, "CredentialMismatch")).not.toHaveProperty("endedAt");
  });

  test("nobody is told of one that was never turned: the stack has drawn its password", async () => {
    const world = await quietWorld();
    await world.authority.honour({ user: "orders_a", password: "another" }, async () => true);
    expect(await look(world)).toMatchObject({ refused: 1 });
    expect(mailed(world)).toEqual([]);
  });

  test("nor because of what was seen before a turn that has ended since", async () => {
    const world = await credentialWorld();
    await world.authority.honour({ user: "orders_a", password: "another" }, async () => true);
    const { credentials } = await readCredentials({}, world);
    await world.turn();
    await judge(world, credentials);
    expect(mailed(world)).toEqual([]);
  });

  test("people are told of a value that is no login, which somebody put", async () => {
    const world = await turnedWorld();
    world.secrets.putCurrent(SECRET, THIRD, "hello");
    await look(world);
    expect(mailed(world).sort()).toEqual([on("CredentialMismatch"), on("MovedByOthers")]);
    expect(await finding(world, "CredentialMismatch")).toMatchObject({
      facts: { said: expect.stringMatching(`${THIRD} is no login`) },
    });
  });

  test("people are told of a login that somebody put, and that is none of the database's", async () => {
    const world = await turnedWorld();
    world.secrets.putCurrent(SECRET, THIRD, world.valueFor(THIRD, "orders_a"));
    await look(world);
    expect(mailed(world).sort()).toEqual([on("CredentialMismatch"), on("MovedByOthers")]);
  });
});

describe("what may be over in a moment is told at the second look", () => {
  test("a server that cannot be reached", async () => {
    const world = await turnedWorld();
    setAway(world, true);
    await look(world);
    // The same look, tried again.
    world.clock.at += 2000;
    await look(world);
    expect(mailed(world)).toEqual([]);
    await lookAgain(world);
    await lookAgain(world);
    expect(mailed(world)).toEqual([on("AuthorityUnreachable")]);
    setAway(world, false);
    await lookAgain(world);
    expect(await finding(world, "AuthorityUnreachable")).toHaveProperty("endedAt", world.now());
  });

  test("one that is away for a moment now and then is told to nobody", async () => {
    const world = await turnedWorld();
    for (let looks = 0; looks < 6; looks += 1) {
      setAway(world, looks % 2 === 0);
      await lookAgain(world);
    }
    expect([mailed(world), world.bus.events]).toEqual([[], []]);
  });

  test("a manager who is refused", async () => {
    const world = await turnedWorld();
    world.authority.refusesManager = true;
    await look(world);
    expect(mailed(world)).toEqual([]);
    await lookAgain(world);
    expect(mailed(world)).toEqual([on("ManagerRefused")]);
  });

  test("a manager who reaches nothing, though the login does", async () => {
    const world = await turnedWorld();
    const usesOf = async () => {
      throw new StepError("AuthorityUnreachable", `${READER} cannot be reached.`);
    };
    const authorities = { of: () => ({ ...world.authority, usesOf }) };
    const broken = { ...world, authorities } as unknown as CredentialWorld;
    await look(broken);
    await lookAgain(broken);
    await lookAgain(broken);
    expect(mailed(world)).toEqual([on("AuthorityUnreachable")]);
    expect(world.bus.events).toHaveLength(1);
  });
});

test("what keeps a credential from being seen for good is told at once, and the others are looked at", async () => {
  const world = await turnedWorld();
  const failed = { name: SECRET, says: [], failed: { error: "TooManyUses", said: "Somebody floods it." } };
  const billing = { ...CREDENTIAL, name: "billing/db" };
  const find: CredentialWorld["credentials"]["find"] = async (name) => {
    if (name === "billing/db") throw new TypeError("no record");
    return world.credentials.find(name);
  };
  const credentials = { ...world.credentials, find };
  const seen = [{ name: "billing/db", says: [] }, failed];
  await judge(
    { ...world, credentials, credentialSettings: [billing, world.credential] } as unknown as CredentialWorld,
    seen,
  );
  expect(mailed(world).sort()).toEqual(["Keyturn: RecordUnreadable on billing/db", on("TooManyUses")]);
});

describe("a consumer whom no look has seen for a day", () => {
  async function lookFor(world: CredentialWorld, ms: number, meanwhile: () => void = () => undefined) {
    const until = world.now() + ms;
    while (world.now() < until) {
      meanwhile();
      await lookAgain(world);
    }
  }

  test("is told of by name, and how he is to be seen; and no longer, once he is seen", async () => {
    const world = await turnedWorld();
    await lookFor(world, AN_HOUR_MS);
    world.disconnect();
    const prove = () => world.prove(TOKEN);
    await lookFor(world, A_DAY_MS - 2 * LOOKS_EVERY_MS, prove);
    expect(mailed(world)).toEqual([]);
    await lookFor(world, 4 * LOOKS_EVERY_MS, prove);
    expect(mailed(world)).toEqual([on("ConsumerUnseen")]);
    expect(await finding(world, "ConsumerUnseen")).toMatchObject({
      facts: { said: "For a day no look has seen pool (by sessions)." },
    });
    world.connect("orders_b", "pool");
    await lookAgain(world);
    expect(await finding(world, "ConsumerUnseen")).toHaveProperty("endedAt");
  });

  test("is told of, too, where he is seen otherwise than is set", async () => {
    const world = await turnedWorld();
    world.disconnect();
    world.connect("orders_b", "web");
    world.connect("orders_b", "pool");
    await lookFor(world, A_DAY_MS + 4 * LOOKS_EVERY_MS);
    expect(await finding(world, "ConsumerUnseen")).toMatchObject({
      facts: { said: "For a day no look has seen web (by proofs)." },
    });
  });

  test("is not told of within a day after it was named first", async () => {
    const world = await turnedWorld();
    await look(world);
    const { lookedFor } = await world.record();
    expect(lookedFor).toEqual({ web: world.now(), pool: world.now() });
    const named = [...CREDENTIAL.consumers.slice(1), { name: "batch", seenBy: "sessions" as const }];
    const later = { ...world, credentialSettings: [{ ...world.credential, consumers: named }] };
    world.clock.at += AN_HOUR_MS;
    await look(later);
    expect((await world.record()).lookedFor).toEqual({ pool: world.now() - AN_HOUR_MS, batch: world.now() });
    await lookFor(later, A_DAY_MS - 3 * LOOKS_EVERY_MS);
    expect(mailed(world)).toEqual([]);
  });

  test("is not told of where nobody could be seen", async () => {
    const world = await turnedWorld();
    await look(world);
    world.authority.refusesManager = true;
    await lookFor(world, A_DAY_MS + 4 * LOOKS_EVERY_MS);
    expect(mailed(world)).toEqual([on("ManagerRefused")]);
  });
});

describe("what others do to the secret is told, and ends when it is undone", () => {
  test("it is deleted: then nothing else is said of it", async () => {
    const world = await turnedWorld();
    world.secrets.delete(SECRET);
    await look(world);
    expect(mailed(world)).toEqual([on("SecretDeleted")]);
    world.secrets.create(SECRET, TOKEN, world.valueFor(TOKEN, "orders_b"));
    await lookAgain(world);
    expect(await finding(world, "SecretDeleted")).toHaveProperty("endedAt");
  });

  test("rotation is switched off", async () => {
    const world = await turnedWorld();
    world.secrets.keep(SECRET, { rotatedBy: undefined });
    await look(world);
    expect(mailed(world)).toEqual([on("RotationSwitchedOff")]);
    world.secrets.keep(SECRET, { rotatedBy: ROTATOR });
    await lookAgain(world);
    expect(await finding(world, "RotationSwitchedOff")).toHaveProperty("endedAt");
  });

  test("another function is to rotate it, be it Keyturn's in another deployment", async () => {
    const world = await turnedWorld();
    world.secrets.keep(SECRET, { rotatedBy: ROTATOR.replace("keyturn-", "blue-") });
    await look(world);
    expect(mailed(world)).toEqual([on("RotationSwitchedOff")]);
    // By whichever of its versions, it is Keyturn's own.
    world.secrets.keep(SECRET, { rotatedBy: `${ROTATOR}:7` });
    await lookAgain(world);
    expect(await finding(world, "RotationSwitchedOff")).toHaveProperty("endedAt");
  });

  test("its policy is opened", async () => {
    const world = await turnedWorld();
    const statement = (account: string) => ({ Effect: "Allow", Principal: { AWS: account }, Action: "*" });
    const keep = (account: string) =>
      world.secrets.keep(SECRET, { policy: JSON.stringify({ Statement: [statement(account)] }) });
    keep("000000000000");
    await look(world);
    expect(mailed(world)).toEqual([]);
    keep("111111111111");
    await lookAgain(world);
    expect(mailed(world)).toEqual([on("SecretOpened")]);
    expect(await finding(world, "SecretOpened")).toMatchObject({ facts: { said: expect.stringMatching("1{12}") } });
    world.secrets.keep(SECRET, { policy: undefined });
    await lookAgain(world);
    expect(await finding(world, "SecretOpened")).toHaveProperty("endedAt");
  });

  test("its current version is moved", async () => {
    const world = await turnedWorld();
    await world.secrets.promote(SECRET, FIRST, { from: TOKEN });
    await look(world);
    expect(await finding(world, "MovedByOthers")).toMatchObject({ facts: { said: expect.stringMatching(FIRST) } });
    await world.secrets.promote(SECRET, TOKEN, { from: FIRST });
    await lookAgain(world);
    expect(await finding(world, "MovedByOthers")).toHaveProperty("endedAt");
  });

  test("but not by a turn: neither one whose end is not noted yet, nor one since it was seen", async () => {
    const world = await turnedWorld();
    world.secrets.putCurrent(SECRET, THIRD, world.valueFor(THIRD, "orders_a"));
    await world.authority.honour({ user: "orders_a", password: `password of ${THIRD}` }, async () => true);
    world.authority.catchUp();
    await world.note({ confirmed: { versionId: THIRD, user: "orders_a", at: world.now() } });
    const { credentials } = await readCredentials({}, world);
    await judge(world, credentials);
    await world.note({
      current: { versionId: TOKEN, user: "orders_a", since: world.now(), execution: "x" },
      confirmed: { versionId: TOKEN, user: "orders_b", at: world.now() },
    });
    await world.secrets.promote(SECRET, TOKEN, { from: THIRD });
    await judge(world, credentials);
    expect(mailed(world)).toEqual([]);
  });
});

describe("a predecessor whom no execution waits to retire any more", () => {
  const retiring = [
    tryName({ secret: SECRET, token: TOKEN }, 2),
    { secret: SECRET, token: TOKEN, trigger: "watch" },
  ] as const;

  /** A turn has just taken place, and its execution waits for the consumers. */
  async function awaiting(): Promise<CredentialWorld> {
    const world = await credentialWorld();
    await start(world);
    await world.turn();
    return world;
  }

  /** All consumers move, and a quiet time goes by. */
  function move(world: CredentialWorld): void {
    world.clock.at += DEADLINE_MS + QUIET_MS;
    world.connect("orders_b", "pool");
    world.prove(TOKEN);
  }

  test("is left to the execution while that runs", async () => {
    const world = await awaiting();
    move(world);
    expect(await look(world)).toMatchObject({ begun: 0 });
    expect(world.executions.started).toHaveLength(1);
  });

  test("is gone on with when the execution was cut off: the next try waits on", async () => {
    const world = await awaiting();
    end(world);
    expect(await look(world)).toMatchObject({ begun: 1 });
    expect(inputs(world)[1]).toEqual(retiring);
    await lookAgain(world);
    expect(world.executions.started).toHaveLength(2);
  });

  test("is gone on with after it was waited for in vain, once all have moved", async () => {
    const world = await awaiting();
    end(world, "Keyturn.ConsumersBehind");
    world.clock.at += DEADLINE_MS;
    expect(await look(world)).toMatchObject({ begun: 0 });
    move(world);
    expect(await look(world)).toMatchObject({ begun: 1 });
    expect(inputs(world)[1]).toEqual(retiring);
  });

  test("is gone on with when he may not log in any more, and has his password still", async () => {
    const world = await awaiting();
    end(world, "Keyturn.ConsumersBehind");
    const { predecessor } = await world.record();
    if (predecessor) await world.note({ predecessor: { ...predecessor, shutAt: world.now() } });
    expect(await look(world)).toMatchObject({ begun: 1 });
  });

  test("is not tried with each look where that fails each time", async () => {
    const world = await awaiting();
    end(world, "Keyturn.AuthorityUnwilling");
    for (let looks = 0; looks < 2 * (AN_HOUR_MS / LOOKS_EVERY_MS); looks += 1) {
      await look(world);
      for (const one of world.executions.started) end(world, "Keyturn.AuthorityUnwilling", one.name);
      world.clock.at += LOOKS_EVERY_MS;
    }
    expect(world.executions.started).toHaveLength(3);
  });

  test("is left alone while another version is current than the one that came after him", async () => {
    const world = await awaiting();
    end(world);
    await world.secrets.promote(SECRET, FIRST, { from: TOKEN });
    expect(await look(world)).toMatchObject({ begun: 0 });
  });
});

describe("a promotion that nobody came to note", () => {
  async function unnoted(): Promise<CredentialWorld> {
    const world = await credentialWorld();
    await start(world);
    await world.turn();
    const { current: _, predecessor: __, version: ___, ...record } = await world.record();
    const former = { versionId: FIRST, user: "orders_a" };
    const confirmed = { versionId: TOKEN, user: "orders_b", at: world.now(), former };
    await world.credentials.write({ ...record, confirmed }, await world.credentials.find(SECRET));
    return world;
  }

  test("is noted, put on the bus and written into the audit, and its predecessor is waited for, by the next try", async () => {
    const world = await unnoted();
    end(world);
    expect(await look(world)).toMatchObject({ begun: 1 });
    const execution = tryName({ secret: SECRET, token: TOKEN }, 1);
    expect(await world.record()).toMatchObject({
      current: { versionId: TOKEN, user: "orders_b", since: world.now(), execution },
      predecessor: { versionId: FIRST, user: "orders_a" },
    });
    expect((await world.audit.lines(SECRET, {})).lines.map(({ act }) => act)).toEqual(["promoted"]);
    expect(world.bus.events).toMatchObject([{ detailType: "Credential Rotated", detail: { versionId: TOKEN } }]);
    await lookAgain(world);
    expect(world.bus.events).toHaveLength(1);
    expect(inputs(world).map(([name]) => name)).toEqual([execution, execution.replace(/1$/, "2")]);
  });

  test("is left to the execution while that runs", async () => {
    const world = await unnoted();
    await look(world);
    expect(await world.record()).not.toHaveProperty("current");
    expect(world.bus.events).toEqual([]);
  });
});

describe("a version that is pending and that nobody turns any more", () => {
  const failing = (world: CredentialWorld, nextTryAt: number) => ({
    failing: { since: world.now() - 1, nextTryAt, what: "OwnerLost", execution: "x" },
  });

  test("is turned by the next try when its time has come, which is then moved on", async () => {
    const world = await credentialWorld();
    await start(world);
    end(world, "Keyturn.OwnerLost");
    await world.note(failing(world, world.now() + 1));
    expect(await look(world)).toMatchObject({ begun: 0 });
    expect(await lookAgain(world)).toMatchObject({ begun: 1 });
    const next = { secret: SECRET, token: TOKEN, trigger: "watch" };
    expect(inputs(world)[1]).toEqual([tryName({ secret: SECRET, token: TOKEN }, 2), next]);
    expect((await world.record()).failing?.nextTryAt).toBe(world.now() + AN_HOUR_MS);
    expect(world.secrets.asked).toEqual([]);
  });

  test("is left alone where a person has switched rotation off", async () => {
    const world = await credentialWorld();
    await start(world);
    end(world);
    world.secrets.keep(SECRET, { rotatedBy: undefined });
    expect(await look(world)).toMatchObject({ begun: 0 });
  });

  test("is turned at the next look after its execution was cut off", async () => {
    const world = await credentialWorld();
    await start(world);
    end(world);
    expect(await look(world)).toMatchObject({ begun: 1 });
  });

  test("is left alone while its execution runs", async () => {
    const world = await credentialWorld();
    await start(world);
    expect(await look(world)).toMatchObject({ begun: 0 });
    expect(world.executions.started).toHaveLength(1);
  });

  test("is turned where Secrets Manager has had no execution started, at the second look", async () => {
    const world = await credentialWorld();
    expect(await look(world)).toMatchObject({ begun: 0 });
    // The same look, tried again.
    world.clock.at += 2000;
    expect(await look(world)).toMatchObject({ begun: 0 });
    expect(await lookAgain(world)).toMatchObject({ begun: 1 });
    expect(inputs(world)[0]?.[0]).toBe(tryName({ secret: SECRET, token: TOKEN }, 1));
  });

  test("is not turned where it was only tested how it is set up, now and then", async () => {
    const world = await credentialWorld();
    await look(world);
    await world.secrets.dropPending(SECRET, TOKEN);
    world.secrets.begin(SECRET, THIRD);
    expect(await lookAgain(world)).toMatchObject({ begun: 0 });
  });
});

describe("a rotation that has failed", () => {
  const failed = (world: CredentialWorld, what = "MISMATCH") => ({
    failing: { since: world.now(), nextTryAt: world.now() + AN_HOUR_MS, what, execution: "x" },
  });

  test("is asked for again when its time has come, under a token of its own, once", async () => {
    const world = await turnedWorld();
    await world.note(failed(world));
    expect(await look(world)).toMatchObject({ begun: 0 });
    world.clock.at += AN_HOUR_MS;
    world.prove(TOKEN);
    const before = await world.record();
    expect(await look(world)).toMatchObject({ begun: 1 });
    expect(world.secrets.asked).toEqual([{ secret: SECRET, token: expect.stringMatching(/^[0-9a-f]{40}$/) }]);
    expect((await world.record()).failing?.nextTryAt).toBe(world.now() + AN_HOUR_MS);
    // Another look, that has read the record before.
    const [asked] = world.secrets.asked;
    const find: CredentialWorld["credentials"]["find"] = async () => before;
    const { credentials } = await readCredentials({}, world);
    const stages = { current: TOKEN };
    const beside = { ...world, credentials: { ...world.credentials, find, write: async () => before } };
    await judge(
      beside as unknown as CredentialWorld,
      credentials.map((one) => ({ ...one, stages })),
    );
    expect(world.secrets.asked).toEqual([asked]);
  });

  const askedAfter = async (alter: (world: CredentialWorld) => unknown, world: CredentialWorld) => {
    await world.note(failed(world));
    world.clock.at += AN_HOUR_MS;
    await alter(world);
    await look(world);
    return world.secrets.asked.length;
  };

  test("is not asked for while the current login is refused or not reached", async () => {
    const refused = (world: CredentialWorld) =>
      world.authority.honour({ user: "orders_b", password: "another" }, async () => true);
    expect(await askedAfter(refused, await turnedWorld())).toBe(0);
    expect(await askedAfter((world) => setAway(world, true), await turnedWorld())).toBe(0);
  });

  test("is not asked for while somebody uses the user that would be turned, or nobody can be seen", async () => {
    expect(await askedAfter((world) => world.connect("orders_a", "pool"), await turnedWorld())).toBe(0);
    const blind = (world: CredentialWorld) => {
      world.authority.refusesManager = true;
    };
    expect(await askedAfter(blind, await turnedWorld())).toBe(0);
  });

  test("is not asked for where rotation is switched off", async () => {
    const off = (world: CredentialWorld) => world.secrets.keep(SECRET, { rotatedBy: undefined });
    expect(await askedAfter(off, await turnedWorld())).toBe(0);
  });

  test("is asked for where the secret was never turned, though it is refused: that sets the user", async () => {
    const world = await quietWorld();
    await world.credentials.write(newRecord(SECRET), await world.credentials.find(SECRET));
    const unset = () => world.authority.honour({ user: "orders_a", password: "another" }, async () => true);
    expect(await askedAfter(unset, world)).toBe(1);
  });
});
