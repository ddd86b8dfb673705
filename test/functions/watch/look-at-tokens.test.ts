import { beforeEach, describe, expect, test } from "vitest";
import { lineOf } from "../../../functions/audit/line.ts";
import { fakeAudit } from "../../../functions/clients/audit.fake.ts";
import { putCredentialLines, withLine } from "../../../functions/credential/alter.ts";
import { startNextTry, tryName } from "../../../functions/credential/tries.ts";
import { openFinding } from "../../../functions/findings/open.ts";
import type { TokenCredential } from "../../../functions/shared/credential-settings.ts";
import { lookAtCredentials } from "../../../functions/watch/look-at-credentials/step.ts";
import { readCredentials } from "../../../functions/watch/read-credentials/step.ts";
import {
  API_SECRET,
  FIRST,
  LIFETIME_MS,
  QUIET_MS,
  THIRD,
  TOKEN,
  TOKEN_CREDENTIAL,
  type TokenWorld,
  tokenWorld,
} from "../credential/support.ts";
import { LOOKS_EVERY_MS, NOW } from "../support.ts";
import { counted } from "./counted.ts";
import { AN_HOUR_MS, LOOK } from "./looked.ts";

/** One look after the other. Where nothing is said, the first token is current and no version is pending. */
let world: TokenWorld;

/** A world of tokens in which nothing is under way. */
async function quietWorld(changes: Partial<TokenCredential> = {}): Promise<TokenWorld> {
  const one = await tokenWorld(changes);
  await one.secrets.dropPending(API_SECRET, TOKEN);
  return one;
}

beforeEach(async () => {
  world = await quietWorld();
});

/** One whole look. */
async function look(changes: Partial<TokenWorld> = {}) {
  const all = { ...world, ...changes } as TokenWorld;
  const { credentials } = await readCredentials({}, all);
  return lookAtCredentials({ credentials, execution: LOOK }, { ...all, looksEveryMs: LOOKS_EVERY_MS });
}

/** The next look, as long after this one as looks are apart. */
async function lookAgain() {
  world.clock.at += LOOKS_EVERY_MS;
  return look();
}

const finding = (cause: string) => world.findings.find({ subject: API_SECRET, cause });
const mailed = () => world.mail.sent.map(({ subject }) => subject);
const on = (cause: string) => `Keyturn: ${cause} on ${API_SECRET}`;
const asked = () => world.secrets.asked.length;

/** The version that was asked for last is turned: its token is issued, and it is the current one. */
async function turnAsked(): Promise<void> {
  const token = world.secrets.asked.at(-1)?.token ?? "";
  const { current } = await world.record();
  const user = current?.user === "token_a" ? "token_b" : "token_a";
  const { value, life } = await world.issueFor(token, user);
  await world.secrets.putPending(API_SECRET, token, value);
  await world.secrets.promote(API_SECRET, token, { from: current?.versionId ?? FIRST });
  await world.note({
    current: { versionId: token, user, life, since: world.now(), execution: "x" },
    failing: undefined,
  });
}

/** The version that was asked for last came to nothing, and is tried again later. */
async function failAsked(what: string, pauseMs: number): Promise<void> {
  await world.secrets.dropPending(API_SECRET, world.secrets.asked.at(-1)?.token ?? "");
  const { failing } = await world.record();
  const since = failing?.since ?? world.now();
  await world.note({ failing: { since, nextTryAt: world.now() + pauseMs, what, execution: "x" } });
}

test("all is well: nobody is told, nothing is begun; what is seen are the proofs", async () => {
  world.prove(FIRST);
  expect(await look()).toEqual({ looked: 1, refused: 0, begun: 0 });
  expect([mailed(), world.bus.events, world.executions.started, world.secrets.asked]).toEqual([[], [], [], []]);
  expect((await world.record()).sightings).toMatchObject([{ consumer: "web", user: "token_a", by: "proofs" }]);
});

describe("what a look costs while all is well: the calls that are stated", () => {
  const watched = (names: (keyof TokenWorld)[], calls: string[]) =>
    Object.fromEntries(names.map((name) => [name, counted(name, world[name] as object, calls)]));

  test("to read it: no session and no manager, and one request to the probe", async () => {
    const calls: string[] = [];
    const issuerOf = () => counted("issuer", world.issuer, calls);
    const of = () => expect.fail("a database was asked");
    await readCredentials({}, {
      ...world,
      ...watched(["secrets", "credentials", "uses"], calls),
      authorities: { of, issuerOf },
    } as TokenWorld);
    expect(calls.sort()).toEqual([
      ...["credentials.find", "credentials.find", "credentials.find", "issuer.accepts"],
      ...["secrets.read", "secrets.stages", "uses.of"],
    ]);
  });

  test("to judge it", async () => {
    await look();
    const { credentials } = await readCredentials({}, world);
    const calls: string[] = [];
    const names = ["secrets", "credentials", "audit", "executions", "findings", "mail", "bus"] as const;
    const all = { ...world, ...watched([...names], calls) } as TokenWorld;
    await lookAtCredentials({ credentials, execution: LOOK }, { ...all, looksEveryMs: LOOKS_EVERY_MS });
    expect(calls.sort()).toEqual(["credentials.find", ...Array(8).fill("findings.find"), "secrets.oversight"]);
  });
});

describe("the probe refuses the current token", () => {
  beforeEach(() => world.revoke(FIRST));

  test("people are told at once that it is a token, and a turn is asked for at once, and once", async () => {
    expect(await look()).toEqual({ looked: 1, refused: 1, begun: 1 });
    expect(world.secrets.asked).toEqual([{ secret: API_SECRET, token: expect.stringMatching(/^[0-9a-f]{40}$/) }]);
    expect(await finding("CredentialMismatch")).toMatchObject({
      facts: { said: "api.example: it answers 401", kind: "token", isRefused: true, keySecret: "shop/api-key-b" },
    });
    // Of a token that serves nobody it is not said until when it is good.
    expect((await finding("CredentialMismatch"))?.facts).not.toHaveProperty("goodUntil");
    await look();
    await lookAgain();
    expect([asked(), mailed()]).toEqual([1, [on("CredentialMismatch")]]);
  });

  test("it ends when the next token is accepted, and that one is left alone", async () => {
    await look();
    await turnAsked();
    expect(await lookAgain()).toMatchObject({ refused: 0, begun: 0 });
    expect(await finding("CredentialMismatch")).toHaveProperty("endedAt", world.now());
    expect(asked()).toBe(1);
  });

  test("a value that holds no token is as good as none: it is said, and turned at once", async () => {
    world.secrets.putCurrent(API_SECRET, THIRD, "{}");
    expect(await look()).toMatchObject({ begun: 1 });
    expect(await finding("CredentialMismatch")).toMatchObject({
      facts: { said: `The value of the current version ${THIRD} holds no token.` },
    });
  });

  test("also while an execution waits for consumers who have not moved: the former token is left as it is", async () => {
    world = await tokenWorld();
    await startNextTry({ secret: API_SECRET, token: TOKEN }, { last: undefined, trigger: "secretsmanager" }, world);
    await world.turn();
    await world.secrets.dropPending(API_SECRET, TOKEN);
    world.prove(FIRST);
    world.revoke(TOKEN);
    expect(await look()).toMatchObject({ refused: 1, begun: 1 });
    expect(asked()).toBe(1);
    expect(world.executions.started).toHaveLength(1);
  });

  test("and while a former one waits to be retired whom no execution retires any more", async () => {
    world = await tokenWorld();
    await world.turn();
    await world.secrets.dropPending(API_SECRET, TOKEN);
    world.clock.at += QUIET_MS + 1;
    for (const consumer of ["web", "batch"]) world.prove(TOKEN, consumer);
    world.revoke(TOKEN);
    expect(await look()).toMatchObject({ begun: 1 });
    // It may be the only one that is good.
    expect([asked(), world.executions.started]).toEqual([1, []]);
  });

  test("but not while a turn is under way, which is let go on", async () => {
    world.secrets.begin(API_SECRET, TOKEN);
    await startNextTry({ secret: API_SECRET, token: TOKEN }, { last: undefined, trigger: "secretsmanager" }, world);
    expect(await look()).toMatchObject({ refused: 1, begun: 0 });
    expect([asked(), world.executions.started.length]).toEqual([0, 1]);
  });

  test("a turn that was left pending is gone on with, though its time has not come", async () => {
    world.secrets.begin(API_SECRET, TOKEN);
    await startNextTry({ secret: API_SECRET, token: TOKEN }, { last: undefined, trigger: "secretsmanager" }, world);
    for (const one of world.executions.started) {
      Object.assign(one, { ended: true, end: { status: "FAILED", error: "Keyturn.AuthorityUnreachable", cause: "" } });
    }
    const failing = { since: NOW, nextTryAt: NOW + AN_HOUR_MS, what: "AuthorityUnreachable", execution: "x" };
    await world.note({ failing });
    expect(await look()).toMatchObject({ begun: 1 });
    expect(world.executions.started.map(({ name }) => name)).toContain(
      tryName({ secret: API_SECRET, token: TOKEN }, 2),
    );
    // After that, it waits for its time as others do.
    for (const one of world.executions.started) {
      Object.assign(one, { ended: true, end: { status: "FAILED", error: "Keyturn.AuthorityUnreachable", cause: "" } });
    }
    expect(await lookAgain()).toMatchObject({ begun: 0 });
  });

  test("where a person has switched rotation off, nothing is begun, and both are told", async () => {
    world.secrets.keep(API_SECRET, { rotatedBy: undefined });
    expect(await look()).toMatchObject({ begun: 0 });
    expect([asked(), mailed().sort()]).toEqual([0, [on("CredentialMismatch"), on("RotationSwitchedOff")]]);
  });

  test("before its first turn of all the deployment asks, and the watch after that has failed; nobody is told of a refusal", async () => {
    world.secrets.putCurrent(API_SECRET, THIRD, "{}");
    await world.note({ current: undefined });
    expect(await look()).toMatchObject({ begun: 0 });
    await world.note({ failing: { since: NOW, nextTryAt: NOW + AN_HOUR_MS, what: "KeyRefused", execution: "x" } });
    expect(await lookAgain()).toMatchObject({ begun: 0 });
    world.clock.at = NOW + AN_HOUR_MS;
    expect(await look()).toMatchObject({ begun: 1 });
    expect(mailed()).toEqual([]);
  });

  test("nobody is turned because what was asked could not be reached, nor where the probe alone is away", async () => {
    world.issuer.isProbeAway = true;
    expect(await look()).toMatchObject({ refused: 0, begun: 0 });
    await lookAgain();
    expect([asked(), mailed()]).toEqual([0, [on("AuthorityUnreachable")]]);
  });
});

describe("an issuer that was away for a turn, whose API is not", () => {
  const told = () =>
    openFinding({ subject: API_SECRET, cause: "AuthorityUnreachable", execution: LOOK, facts: {} }, world);

  test("is told of until a turn has come to its end, though the look finds nothing wrong", async () => {
    await told();
    await failAsked("AuthorityUnreachable", AN_HOUR_MS);
    await look();
    expect(await finding("AuthorityUnreachable")).not.toHaveProperty("endedAt");
    await world.note({ failing: undefined });
    await lookAgain();
    expect(await finding("AuthorityUnreachable")).toHaveProperty("endedAt", world.now());
  });

  test("and until the former token is retired that could not be revoked", async () => {
    const predecessor = { versionId: THIRD, user: "token_b", announced: [], tryAt: NOW + AN_HOUR_MS };
    await told();
    await world.note({ predecessor });
    await look();
    expect(await finding("AuthorityUnreachable")).not.toHaveProperty("endedAt");
    await world.note({ predecessor: undefined });
    await lookAgain();
    expect(await finding("AuthorityUnreachable")).toHaveProperty("endedAt", world.now());
  });
});

describe("it costs no token in each look", () => {
  test("where the probe refuses everything: the first turn is at once, the next ones wait as failures do", async () => {
    world.revoke(FIRST);
    let looks = 0;
    for (const until = world.now() + 6 * AN_HOUR_MS; world.now() < until; looks += 1) {
      const before = asked();
      await lookAgain();
      if (asked() > before) await failAsked("TokenRefused", AN_HOUR_MS);
    }
    expect(looks).toBeGreaterThan(60);
    expect(asked()).toBe(6);
  });

  test("where what failed before was of another kind: at once nevertheless, once", async () => {
    await failAsked("BEHIND", AN_HOUR_MS);
    world.revoke(FIRST);
    expect(await look()).toMatchObject({ begun: 1 });
    await failAsked("KeyRefused", AN_HOUR_MS);
    expect(await lookAgain()).toMatchObject({ begun: 0 });
  });

  test("where it refuses in one look and accepts in the next: one turn", async () => {
    world.revoke(FIRST);
    await look();
    await turnAsked();
    for (let looks = 0; looks < 6; looks += 1) await lookAgain();
    expect(asked()).toBe(1);
  });

  test("where it refuses each token after a while: a few in an hour", async () => {
    for (let looks = 0; looks < (3 * AN_HOUR_MS) / LOOKS_EVERY_MS; looks += 1) {
      const { current } = await world.record();
      world.revoke(current?.versionId ?? FIRST);
      const before = asked();
      await lookAgain();
      if (asked() > before) await turnAsked();
    }
    expect(asked()).toBeLessThanOrEqual(12);
    expect(asked()).toBeGreaterThan(8);
  });

  test("what died without a word is asked for anew after a while, under another token", async () => {
    world.revoke(FIRST);
    await look();
    await world.secrets.dropPending(API_SECRET, world.secrets.asked[0]?.token ?? "");
    await lookAgain();
    expect(asked()).toBe(1);
    world.clock.at += AN_HOUR_MS;
    expect(await look()).toMatchObject({ begun: 1 });
    expect(new Set(world.secrets.asked.map(({ token }) => token)).size).toBe(2);
  });
});

describe("a life asks for the next token", () => {
  const SHORT_MS = 2 * AN_HOUR_MS;
  const short = (changes: Partial<TokenCredential> = { halfLife: true }) =>
    quietWorld({ lifetimeSeconds: SHORT_MS / 1000, quietSeconds: 60, deadlineSeconds: 600, ...changes });

  test("at five eighths of it where Secrets Manager's schedule had it turned at half of it", async () => {
    world = await short({});
    world.clock.at = NOW + (SHORT_MS / 8) * 5 - 1;
    expect(await look()).toMatchObject({ begun: 0 });
    world.clock.at += 1;
    expect(await look()).toMatchObject({ begun: 1 });
  });

  test("when half of it is over, once", async () => {
    world = await short();
    world.clock.at = NOW + SHORT_MS / 2 - 1;
    expect(await look()).toMatchObject({ begun: 0 });
    world.clock.at += 1;
    expect(await look()).toMatchObject({ begun: 1 });
    await lookAgain();
    expect(asked()).toBe(1);
    await turnAsked();
    await lookAgain();
    expect([asked(), mailed()]).toEqual([1, []]);
  });

  test("again by the time that failures are tried again, an eighth of the life at the most", async () => {
    world = await short();
    world.clock.at = NOW + SHORT_MS / 2;
    await look();
    await failAsked("AuthorityUnreachable", SHORT_MS / 8);
    await lookAgain();
    expect(asked()).toBe(1);
    world.clock.at += SHORT_MS / 8;
    expect(await look()).toMatchObject({ begun: 1 });
    // Should that one die without a word, it is tried again nevertheless.
    expect((await world.record()).failing?.nextTryAt).toBe(world.now() + SHORT_MS / 8);
  });

  test("not while somebody is behind; as soon as the former one has ended, it is retired, and then it is turned", async () => {
    world = await short();
    world.secrets.begin(API_SECRET, TOKEN);
    await startNextTry({ secret: API_SECRET, token: TOKEN }, { last: undefined, trigger: "secretsmanager" }, world);
    world.clock.at = NOW + SHORT_MS / 2;
    await world.turn();
    await world.secrets.dropPending(API_SECRET, TOKEN);
    for (const one of world.executions.started) {
      Object.assign(one, { ended: true, end: { status: "FAILED", error: "Keyturn.ConsumersBehind", cause: "" } });
    }
    // The former one is good until the half of the current one's life.
    world.clock.at = NOW + SHORT_MS - 1;
    expect(await look()).toMatchObject({ begun: 0 });
    world.clock.at += 1;
    expect(await look()).toMatchObject({ begun: 1 });
    expect([asked(), world.executions.started.length]).toEqual([0, 2]);
    // That it is still at it holds nothing up.
    expect(await lookAgain()).toMatchObject({ begun: 1 });
    expect(asked()).toBe(1);
  });

  test("when three quarters of it are over, whoever is behind: all who follow would be without one soon", async () => {
    world = await quietWorld({ lifetimeSeconds: SHORT_MS / 1000, quietSeconds: 60, deadlineSeconds: 600 });
    world.secrets.begin(API_SECRET, TOKEN);
    await world.turn();
    await world.secrets.dropPending(API_SECRET, TOKEN);
    const { predecessor } = await world.record();
    if (predecessor?.life)
      await world.note({ predecessor: { ...predecessor, life: { from: NOW, to: NOW + SHORT_MS } } });
    await startNextTry({ secret: API_SECRET, token: TOKEN }, { last: undefined, trigger: "secretsmanager" }, world);
    world.clock.at = NOW + (SHORT_MS * 3) / 4 - 1;
    world.prove(FIRST);
    expect(await look()).toMatchObject({ begun: 0 });
    world.clock.at += 1;
    expect(await look()).toMatchObject({ begun: 1 });
    expect(asked()).toBe(1);
  });

  test("not where a person has switched rotation off, nor while the probe is away", async () => {
    world = await short();
    world.clock.at = NOW + SHORT_MS / 2;
    world.issuer.isProbeAway = true;
    expect(await look()).toMatchObject({ begun: 0 });
    world.issuer.isProbeAway = false;
    world.secrets.keep(API_SECRET, { rotatedBy: undefined });
    expect(await lookAgain()).toMatchObject({ begun: 0 });
    expect(asked()).toBe(0);
  });
});

test("a former token that is not retired by an error is tried again by an eighth of the life at the most", async () => {
  const lifetimeMs = 2 * AN_HOUR_MS;
  world = await tokenWorld({ lifetimeSeconds: lifetimeMs / 1000, quietSeconds: 60, deadlineSeconds: 600 });
  await startNextTry({ secret: API_SECRET, token: TOKEN }, { last: undefined, trigger: "secretsmanager" }, world);
  await world.turn();
  await world.secrets.dropPending(API_SECRET, TOKEN);
  for (let looks = 0; looks < lifetimeMs / 4 / LOOKS_EVERY_MS; looks += 1) {
    for (const one of world.executions.started) {
      Object.assign(one, { ended: true, end: { status: "FAILED", error: "Keyturn.StillAccepted", cause: "" } });
    }
    await look();
    world.clock.at += LOOKS_EVERY_MS;
  }
  expect(world.executions.started).toHaveLength(3);
});

describe("a lifetime that is not the one that is set", () => {
  const HOUR_S = 3600;
  const set = (lifetimeSeconds: number) => [{ ...TOKEN_CREDENTIAL, lifetimeSeconds }];
  const given = (seconds: number) =>
    world.note({
      current: {
        ...{ versionId: FIRST, user: "token_a", since: NOW, execution: "x" },
        life: { from: NOW, to: NOW + seconds * 1000 },
      },
    });

  test.each([
    ["shorter", 7 * HOUR_S, -1],
    ["longer", 9 * HOUR_S, 1],
  ])("is told: %s by more than an eighth; and ends when a later token fits", async (_, seconds, more) => {
    await given(seconds);
    await look({ credentialSettings: set(8 * HOUR_S) });
    expect(mailed()).toEqual([]);
    await given(seconds + more);
    await look({ credentialSettings: set(8 * HOUR_S) });
    expect(mailed()).toEqual([on("TokenLifetimeDiffers")]);
    expect(await finding("TokenLifetimeDiffers")).toMatchObject({
      facts: {
        kind: "token",
        said: expect.stringMatching(/^The issuer gave the current token for \d+ s; 28800 s are set\.$/),
      },
    });
    await given(8 * HOUR_S);
    await look({ credentialSettings: set(8 * HOUR_S) });
    expect(await finding("TokenLifetimeDiffers")).toHaveProperty("endedAt", world.now());
  });

  test("nothing is said where the life of the current one is not known", async () => {
    await world.note({ current: { versionId: FIRST, user: "token_a", since: NOW, execution: "x" } });
    await look();
    expect(mailed()).toEqual([]);
  });
});

test("where somebody else has made a version current, it is not said until when that is good", async () => {
  const { value } = await world.issueFor(THIRD, "token_b");
  world.secrets.putCurrent(API_SECRET, THIRD, value);
  await look();
  expect(mailed()).toEqual([on("MovedByOthers")]);
  expect((await finding("MovedByOthers"))?.facts).not.toHaveProperty("goodUntil");
});

test("a consumer of whom no use proof has come for a day is told of, and until when its token is good", async () => {
  for (const until = world.now() + 24 * AN_HOUR_MS; world.now() < until + 4 * LOOKS_EVERY_MS; ) {
    world.prove(FIRST, "web");
    await lookAgain();
  }
  expect(mailed()).toEqual([on("ConsumerUnseen")]);
  expect(await finding("ConsumerUnseen")).toMatchObject({
    facts: { said: "For a day no look has seen batch (by proofs).", kind: "token", goodUntil: NOW + LIFETIME_MS },
  });
});

describe("where the record is lost", () => {
  beforeEach(async () => {
    world.secrets.begin(API_SECRET, TOKEN);
    await world.turn();
    await world.secrets.dropPending(API_SECRET, TOKEN);
    await world.note(withLine(await world.record(), lineOf("promoted", NOW, { token: TOKEN })));
    await putCredentialLines(await world.record(), world);
    world.credentials.records.clear();
  });

  test("the next turn is asked for, and has it whole again", async () => {
    expect(await look()).toMatchObject({ begun: 1 });
    await lookAgain();
    expect(asked()).toBe(1);
  });

  test("a token that is refused is turned, and what fails is not tried with each look", async () => {
    world.revoke(TOKEN);
    expect(await look()).toMatchObject({ refused: 1, begun: 1 });
    await failAsked("KeyRefused", AN_HOUR_MS);
    expect(await lookAgain()).toMatchObject({ refused: 1, begun: 0 });
  });

  test("one that was never turned waits for its first turn, whoever has put its versions", async () => {
    world.audit = fakeAudit();
    expect(await look()).toMatchObject({ begun: 0 });
  });
});
