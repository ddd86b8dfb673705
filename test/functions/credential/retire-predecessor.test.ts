import { describe, expect, test } from "vitest";
import { retirePredecessor } from "../../../functions/credential/retire-predecessor/step.ts";
import { NOW } from "../support.ts";
import { atEachCall } from "./dying.ts";
import {
  API_SECRET,
  CREDENTIAL_EXECUTION,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  ISSUERS,
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
  ...{ secret: SECRET, token: TOKEN, other: { user: "orders_a", versionId: FIRST } },
  ...{ stroke: "LOGIN" as "LOGIN" | "PASSWORD", execution: CREDENTIAL_EXECUTION, enteredAt: NOW },
};
const password = { ...input, stroke: "PASSWORD" as const, enteredAt: NOW + QUIET_MS };

/** The second version is current, and the first one's user waits to be retired. */
async function turned(): Promise<CredentialWorld> {
  const world = await credentialWorld();
  await world.turn();
  return world;
}

/** As it is before a stroke: the second comes after the first. */
async function before({ stroke }: Pick<typeof input, "stroke">): Promise<CredentialWorld> {
  const world = await turned();
  if (stroke === "PASSWORD") await retirePredecessor(input, world);
  return world;
}

async function says(world: CredentialWorld, version: string, user: string): Promise<string | undefined> {
  const [writer] = await world.authority.accepts({ user, password: passwordOf(version) });
  return writer?.says === "REFUSED" ? writer.words : writer?.says;
}

const lines = ({ audit }: CredentialWorld) =>
  audit.lying.map(({ act, timeMs, details }) => ({ act, timeMs, ...JSON.parse(details) }));

test("by the first stroke the former user may not log in, and the current one as before", async () => {
  const world = await turned();
  expect(await retirePredecessor(input, world)).toEqual({ againInSeconds: QUIET_MS / 1000, over: false });
  expect(await says(world, FIRST, "orders_a")).toBe("the user may not log in");
  expect(await says(world, TOKEN, "orders_b")).toBe("ACCEPTED");
  expect(await world.record()).toMatchObject({ predecessor: { user: "orders_a", shutAt: NOW } });
});

test("by the second stroke he has no password any more, and nobody waits to be retired", async () => {
  const world = await turned();
  await retirePredecessor(input, world);
  world.clock.at += QUIET_MS;
  await retirePredecessor(password, world);
  expect(await says(world, FIRST, "orders_a")).toBe("the password is wrong");
  const record = await world.record();
  expect(record.predecessor).toBeUndefined();
  expect(record.current).toMatchObject({ versionId: TOKEN, user: "orders_b" });
});

test("who was let in again after the first stroke keeps his password, and is waited for anew", async () => {
  const world = await turned();
  await retirePredecessor(input, world);
  await world.authority.honour({ user: "orders_a", password: passwordOf(FIRST) }, async () => true);
  world.clock.at += QUIET_MS;
  await expect(retirePredecessor(password, world)).rejects.toMatchObject({
    name: "LetInAgain",
    message: "Somebody has let orders_a in again since he was shut: he is waited for anew.",
  });
  expect(await says(world, FIRST, "orders_a")).toBe("ACCEPTED");
  const { predecessor } = await world.record();
  expect(predecessor).toMatchObject({ user: "orders_a" });
  expect(predecessor).not.toHaveProperty("shutAt");
  // The next time he is shut and stays so.
  await retirePredecessor({ ...input, enteredAt: world.clock.at }, world);
  world.clock.at += QUIET_MS;
  await retirePredecessor({ ...password, enteredAt: world.clock.at }, world);
  expect((await world.record()).predecessor).toBeUndefined();
});

test("each stroke has its audit line, and is counted", async () => {
  const world = await turned();
  await retirePredecessor(input, world);
  await retirePredecessor(password, world);
  const of = { act: "retired", user: "orders_a", versionId: FIRST, token: TOKEN, execution: "orders-db-2222-1" };
  expect(lines(world)).toEqual([
    { ...of, timeMs: NOW, stroke: "LOGIN" },
    { ...of, timeMs: NOW + QUIET_MS, stroke: "PASSWORD" },
  ]);
  expect((await world.record()).auditDue).toEqual([]);
  expect(world.journal.counts).toEqual(["CredentialRetirement LOGIN", "CredentialRetirement PASSWORD"]);
});

test.each([input, password])("the stroke $stroke made twice is noted once, at its first time", async (stroke) => {
  const world = await before(stroke);
  const known = lines(world).length;
  await retirePredecessor(stroke, world);
  const { version: _, ...after } = await world.record();
  world.clock.at += 1000;
  expect(await retirePredecessor(stroke, world)).toMatchObject({ againInSeconds: expect.any(Number) });
  expect(await world.record()).toMatchObject(after);
  expect(lines(world)).toHaveLength(known + 1);
});

test("where the first stroke was made before, the second is due when the rest of the quiet time is over", async () => {
  const world = await turned();
  await retirePredecessor(input, world);
  world.clock.at += QUIET_MS - 1500;
  expect(await retirePredecessor({ ...input, enteredAt: world.clock.at }, world)).toEqual({
    againInSeconds: 2,
    over: false,
  });
  world.clock.at += QUIET_MS;
  expect(await retirePredecessor({ ...input, enteredAt: world.clock.at }, world)).toEqual({
    againInSeconds: 1,
    over: false,
  });
});

test.each(
  [input, password].flatMap((stroke) => [
    { ...stroke, when: "before" as const },
    { ...stroke, when: "after" as const },
  ]),
)("the stroke $stroke, dead $when any of its calls, is right when it is made again", async ({ when, ...stroke }) => {
  const deaths = await atEachCall(when, {
    async begin() {
      const world = await before(stroke);
      const { secrets, credentials, audit } = world;
      return { world, neighbours: { secrets, credentials, audit } };
    },
    run: (world, neighbours) => retirePredecessor(stroke, { ...world, ...neighbours }),
    async check(world) {
      world.clock.at += 1000;
      expect(await retirePredecessor(stroke, world)).toMatchObject({ againInSeconds: expect.any(Number) });
      expect(await says(world, FIRST, "orders_a")).not.toBe("ACCEPTED");
      const record = await world.record();
      expect(record.predecessor === undefined).toBe(stroke.stroke === "PASSWORD");
      expect(record.auditDue).toEqual([]);
      const mine = lines(world).filter((line) => line.stroke === stroke.stroke);
      expect(mine).toMatchObject([{ timeMs: stroke.enteredAt }]);
    },
  });
  expect(deaths).toBeGreaterThan(5);
});

describe("a call that was held up before the lock shuts nobody where", () => {
  /** A rotation after this one has set a password of the very user that was to be shut. */
  async function push(world: CredentialWorld): Promise<void> {
    await world.secrets.dropPending(SECRET, TOKEN);
    world.secrets.begin(SECRET, THIRD);
    await world.secrets.putPending(SECRET, THIRD, world.valueFor(THIRD, "orders_a"));
    await world.authority.honour({ user: "orders_a", password: passwordOf(THIRD) }, async () => true);
  }

  async function confirm(world: CredentialWorld): Promise<void> {
    await push(world);
    await world.note({ confirmed: { versionId: THIRD, user: "orders_a", at: NOW } });
  }

  async function promote(world: CredentialWorld): Promise<void> {
    await push(world);
    await world.secrets.promote(SECRET, THIRD, { from: TOKEN });
  }

  test.each<[string, typeof input | typeof password, (world: CredentialWorld) => Promise<void>]>([
    ["another version is pending", input, push],
    ["another version is pending", password, push],
    [
      "another version is confirmed, though the labels do not show it yet",
      password,
      async (world) => {
        world.secrets.fallBehind();
        await confirm(world);
      },
    ],
    ["another version is current, and not noted yet", input, promote],
    [
      "another version is current",
      password,
      async (world) => {
        await promote(world);
        const current = { versionId: THIRD, user: "orders_a", since: NOW, execution: "later" };
        await world.note({ current, predecessor: { versionId: TOKEN, user: "orders_b", announced: [] } });
      },
    ],
  ])("%s", async (_, stroke, befall) => {
    const world = await before(stroke);
    const known = [lines(world), [...world.journal.counts]];
    const { refuse } = world.authority;
    world.authority.refuse = async (...given) => {
      await befall(world);
      return refuse(...given);
    };
    await expect(retirePredecessor(stroke, world)).rejects.toMatchObject({ name: "Superseded" });
    expect(await says(world, THIRD, "orders_a")).toBe("ACCEPTED");
    expect([lines(world), world.journal.counts]).toEqual(known);
  });

  test("the secret is gone", async () => {
    const world = await turned();
    world.secrets.delete(SECRET);
    await expect(retirePredecessor(input, world)).rejects.toMatchObject({ name: "Superseded" });
    expect(await says(world, FIRST, "orders_a")).toBe("ACCEPTED");
  });

  test("nothing is remembered of the credential", async () => {
    const world = await turned();
    world.credentials.records.clear();
    await expect(retirePredecessor(input, world)).rejects.toMatchObject({ name: "Superseded" });
    expect(await says(world, FIRST, "orders_a")).toBe("ACCEPTED");
  });

  test("the user is the current one's", async () => {
    const world = await turned();
    const wrong = { ...input, other: { user: "orders_b" } };
    await expect(retirePredecessor(wrong, world)).rejects.toMatchObject({ name: "Superseded" });
    expect(await says(world, TOKEN, "orders_b")).toBe("ACCEPTED");
  });
});

test("what the database does not do goes on by its name, and nothing is noted", async () => {
  const world = await turned();
  world.authority.refusesManager = true;
  await expect(retirePredecessor(input, world)).rejects.toMatchObject({ name: "ManagerRefused" });
  expect((await world.record()).predecessor).not.toHaveProperty("shutAt");
});

test("a user who was turned before his stroke could be noted is not noted as shut", async () => {
  const world = await turned();
  const { refuse } = world.authority;
  world.authority.refuse = async (...given) => {
    const isShut = await refuse(...given);
    await world.note({ confirmed: { versionId: THIRD, user: "orders_a", at: NOW } });
    return isShut;
  };
  await retirePredecessor(input, world);
  expect((await world.record()).predecessor).not.toHaveProperty("shutAt");
});

test("of a secret that no setting names nothing is asked", async () => {
  const world = await turned();
  const asked = { ...input, secret: "other/db" };
  await expect(retirePredecessor(asked, world)).rejects.toMatchObject({ name: "UnknownCredential" });
});

describe("a token", () => {
  const asked = {
    ...{ secret: API_SECRET, token: TOKEN, other: { user: "token_a", versionId: FIRST } },
    ...{ stroke: "LOGIN" as const, execution: CREDENTIAL_EXECUTION, enteredAt: NOW },
  };
  const over = { againInSeconds: 1, over: true };
  const retire = (world: TokenWorld, neighbours: object = {}) => retirePredecessor(asked, { ...world, ...neighbours });
  const linesOf = ({ audit }: TokenWorld) => audit.lying.map(({ act, details }) => ({ act, ...JSON.parse(details) }));
  const line = { act: "retired", user: "token_a", versionId: FIRST, token: TOKEN, execution: "orders-db-2222-1" };

  /** The second version is current, and the first one waits to be retired. */
  async function turnedToken(changes: Parameters<typeof tokenWorld>[0] = {}): Promise<TokenWorld> {
    const world = await tokenWorld(changes);
    await world.turn();
    await world.note({ issued: [FIRST, TOKEN] });
    return world;
  }

  async function failing(world: TokenWorld): Promise<Error> {
    const error: Error = await retire(world).then(
      () => expect.unreachable(),
      (thrown) => thrown,
    );
    expect(error.message).not.toContain(world.tokenOf(FIRST));
    return error;
  }

  test.each(ISSUERS)("of an issuer with $what is revoked, and seen refused, in one stroke", async ({ changes }) => {
    const world = await turnedToken(changes);
    expect(await retire(world)).toEqual(over);
    expect(world.honours(FIRST)).toBe(false);
    expect(world.honours(TOKEN)).toBe(true);
    const record = await world.record();
    expect(record.predecessor).toBeUndefined();
    expect(record.issued).toEqual([TOKEN]);
    expect(linesOf(world)).toEqual([{ ...line, stroke: "REVOKED" }]);
    expect(world.journal.counts).toEqual(["CredentialRetirement REVOKED"]);
  });

  test("that is retired again is noted once", async () => {
    const world = await turnedToken();
    await retire(world);
    expect(await retire(world)).toEqual(over);
    expect(linesOf(world)).toHaveLength(1);
  });

  test("that has ended by itself is left alone, and said to have ended", async () => {
    const world = await turnedToken();
    world.clock.at += LIFETIME_MS;
    world.issuer.isAway = true;
    expect(await retire(world)).toEqual(over);
    expect(linesOf(world)).toEqual([{ ...line, stroke: "ENDED" }]);
  });

  test("that its issuer cannot revoke is left to end by itself", async () => {
    const world = await turnedToken();
    const { revocationUrl: _, ...settings } = world.credential;
    const authorities = { ...world.authorities, issuerOf: () => expect.unreachable() };
    await retire(world, { credentialSettings: [settings], authorities });
    expect(linesOf(world)).toEqual([{ ...line, stroke: "LEFT" }]);
    expect((await world.record()).predecessor).toBeUndefined();
    expect(world.honours(FIRST)).toBe(true);
  });

  test("whose value cannot be read any more is left, too", async () => {
    const world = await turnedToken();
    const secrets = { ...world.secrets, read: async () => undefined };
    await retire(world, { secrets });
    expect(linesOf(world)).toEqual([{ ...line, stroke: "LEFT" }]);
  });

  test("that is accepted though it is revoked is not retired, and it is said when it ends", async () => {
    const world = await turnedToken();
    world.issuer.revokesNothing = true;
    const { name, message } = await failing(world);
    expect(name).toBe("StillAccepted");
    expect(message).toMatch(
      /^api.example accepts the former token, token_a, though its issuer says that it is revoked\. It ends by itself at 20/,
    );
    expect((await world.record()).predecessor).toBeDefined();
    world.issuer.revokesNothing = false;
    expect(await retire(world)).toEqual(over);
  });

  test("that was somebody's, and that nobody can revoke, ends nobody knows when", async () => {
    const world = await turnedToken();
    await world.note({ predecessor: { versionId: FIRST, user: "token_a", announced: [] } });
    world.issuer.revokesNothing = true;
    expect((await failing(world)).message).toContain("Nobody knows when it ends by itself.");
  });

  test.each<[string, object]>([
    ["AuthorityUnreachable", { isAway: true }],
    ["AuthorityUnreachable", { isProbeAway: true }],
    ["AuthorityPutsOff", { putsOff: true }],
    ["KeyRefused", { refusedKeys: new Set(["shop/api-key-a"]) }],
    ["AnswerUnfit", { answersUnfit: true }],
    ["AuthorityUnwilling", { isUnwilling: true }],
  ])("is not retired where its issuer fails with %s", async (name, change) => {
    const world = await turnedToken();
    Object.assign(world.issuer, change);
    expect((await failing(world)).name).toBe(name);
    expect((await world.record()).predecessor).toBeDefined();
  });

  test.each<[string, (world: TokenWorld) => unknown]>([
    ["another version is current", ({ secrets }) => secrets.putCurrent(API_SECRET, THIRD, "by hand")],
    ["another version is pending", ({ secrets }) => secrets.begin(API_SECRET, THIRD)],
    ["another one is confirmed", (world) => world.note({ confirmed: { versionId: THIRD, user: "token_a", at: NOW } })],
    ["the secret is gone", ({ secrets }) => secrets.delete(API_SECRET)],
  ])("is not revoked by a call that was held up until %s", async (_, befall) => {
    const world = await turnedToken();
    const { revoke } = world.issuer;
    world.issuer.revoke = async (...given) => {
      await befall(world);
      return revoke(...given);
    };
    expect((await failing(world)).name).toBe("Superseded");
    expect(world.honours(FIRST)).toBe(true);
  });

  test("that was issued and given up is ended with it, as nobody holds it", async () => {
    const world = await turnedToken({ tokensPerKey: "many" });
    const { value } = await world.issueFor(THIRD, "token_a");
    world.secrets.begin(API_SECRET, THIRD);
    await world.secrets.putPending(API_SECRET, THIRD, value);
    await world.secrets.dropPending(API_SECRET, THIRD);
    await world.note({ issued: [FIRST, TOKEN, THIRD] });
    await retire(world);
    expect([FIRST, THIRD, TOKEN].map(world.honours)).toEqual([false, false, true]);
    expect((await world.record()).issued).toEqual([TOKEN]);
  });

  test("is revoked by the key that has made it, whichever the settings name first by now", async () => {
    const world = await turnedToken();
    Object.assign(world.issuer.tokens.get(world.tokenOf(FIRST)) ?? {}, { key: "shop/api-key-b" });
    await world.note({ madeBy: { [FIRST]: "shop/api-key-b", [TOKEN]: "shop/api-key-a" } });
    expect(await retire(world)).toEqual(over);
    expect([FIRST, TOKEN].map(world.honours)).toEqual([false, true]);
    expect((await world.record()).madeBy).toEqual({ [TOKEN]: "shop/api-key-a" });
  });

  test("that is the current one as well, since its issuer gave it again, is not revoked", async () => {
    const world = await turnedToken();
    world.secrets.begin(API_SECRET, THIRD);
    await world.secrets.putPending(API_SECRET, THIRD, (await world.secrets.read(API_SECRET, TOKEN)) ?? "");
    await world.secrets.dropPending(API_SECRET, THIRD);
    await world.note({ issued: [FIRST, THIRD, TOKEN] });
    expect(await retire(world)).toEqual(over);
    expect([FIRST, TOKEN].map(world.honours)).toEqual([false, true]);
    expect((await world.record()).issued).toEqual([TOKEN]);
  });

  test("that is asked for while another one is revoked stays remembered", async () => {
    const world = await turnedToken();
    const { revoke } = world.issuer;
    world.issuer.revoke = async (...given) => {
      const answer = await revoke(...given);
      await world.note({ issued: [FIRST, TOKEN, THIRD] });
      return answer;
    };
    await retire(world);
    expect((await world.record()).issued).toEqual([TOKEN, THIRD]);
  });

  test.each(["before", "after"] as const)("is retired when that is tried again, dead %s any call", async (when) => {
    const deaths = await atEachCall(when, {
      async begin() {
        const world = await turnedToken();
        const { secrets, credentials, audit, issuer } = world;
        return { world, neighbours: { secrets, credentials, audit, issuer } };
      },
      run: (world, { issuer, ...neighbours }) =>
        retire(world, { ...neighbours, authorities: { ...world.authorities, issuerOf: () => issuer } }),
      async check(world) {
        expect(await retire(world)).toEqual(over);
        expect(world.honours(FIRST)).toBe(false);
        expect((await world.record()).predecessor).toBeUndefined();
        expect(linesOf(world)).toHaveLength(1);
      },
    });
    expect(deaths).toBeGreaterThan(6);
  });
});
