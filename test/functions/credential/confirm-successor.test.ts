import { describe, expect, test } from "vitest";
import { confirmSuccessor } from "../../../functions/credential/confirm-successor/step.ts";
import { NOW } from "../support.ts";
import {
  API_SECRET,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  LIFETIME_MS,
  passwordOf,
  READER,
  SECRET,
  THIRD,
  TOKEN,
  type TokenWorld,
  tokenWorld,
  WRITER,
} from "./support.ts";

const input = {
  ...{ secret: SECRET, token: TOKEN, other: { user: "orders_b" }, verdict: "MATCH" as const },
  current: { versionId: FIRST, user: "orders_a" as string | undefined },
};

/** A world whose pending version is honoured, by the readers too if nothing else is said. */
async function pushed({ readers = true } = {}, engine: "postgres" | "mariadb" = "postgres") {
  const world = await credentialWorld({ engine });
  await world.secrets.putPending(SECRET, TOKEN, world.valueFor(TOKEN, "orders_b"));
  await world.authority.honour({ user: "orders_b", password: passwordOf(TOKEN) }, async () => true);
  if (readers) world.authority.catchUp();
  return world;
}

function server({ authority }: CredentialWorld, host: string) {
  const found = authority.servers.get(host);
  if (found === undefined) throw new Error(`there is no ${host}`);
  return found;
}

test("a login that every server lets in as the owner is noted as confirmed", async () => {
  const world = await pushed();
  expect(await confirmSuccessor(input, world)).toEqual({});
  expect(await world.record()).toMatchObject({ confirmed: { versionId: TOKEN, user: "orders_b", at: NOW } });
});

test("with it is noted whom the promotion leaves behind: nobody holds a version that was never let in, or is no login", async () => {
  for (const [change, former] of [
    [{}, { versionId: FIRST, user: "orders_a" }],
    [{ verdict: "UNSET" as const }, undefined],
    [{ verdict: "MISMATCH" as const, current: { versionId: FIRST } }, undefined],
  ] as const) {
    const world = await pushed();
    await confirmSuccessor({ ...input, ...change }, world);
    expect((await world.record()).confirmed?.former).toEqual(former);
  }
});

test("where a value was put by hand that is no login, it leaves behind who was promoted last", async () => {
  const world = await pushed();
  const promoted = { since: 1, execution: "before" };
  await world.note({ current: { versionId: THIRD, user: "orders_a", ...promoted } });
  await confirmSuccessor({ ...input, verdict: "MISMATCH", current: { versionId: FIRST } }, world);
  expect((await world.record()).confirmed?.former).toEqual({ versionId: THIRD, user: "orders_a" });
  // Unless it is the very user that is set now.
  await world.note({ current: { versionId: THIRD, user: "orders_b", ...promoted } });
  await confirmSuccessor({ ...input, verdict: "MISMATCH", current: { versionId: FIRST } }, world);
  expect((await world.record()).confirmed).not.toHaveProperty("former");
});

test("done again, it is noted again, and what else the record holds stays", async () => {
  const world = await pushed();
  await world.note({ confirmed: { versionId: FIRST, user: "orders_a", at: 1 }, failedIn: "one" });
  await confirmSuccessor(input, world);
  world.clock.at += 1000;
  await confirmSuccessor(input, world);
  expect(await world.record()).toMatchObject({
    confirmed: { versionId: TOKEN, user: "orders_b", at: NOW + 1000 },
    failedIn: "one",
  });
});

test("a call that is held up until another version is confirmed takes nothing back", async () => {
  const world = await pushed();
  const { stages } = world.secrets;
  let looks = 0;
  const secrets: CredentialWorld["secrets"] = {
    ...world.secrets,
    async stages(name) {
      const seen = await stages(name);
      looks += 1;
      if (looks === 2) await world.note({ confirmed: { versionId: THIRD, user: "orders_b", at: NOW } });
      return seen;
    },
  };
  await expect(confirmSuccessor(input, { ...world, secrets })).rejects.toMatchObject({ name: "Superseded" });
  expect((await world.record()).confirmed?.versionId).toBe(THIRD);
});

describe("nothing is confirmed where", () => {
  const failing = async (world: CredentialWorld) => {
    const error: Error = await confirmSuccessor(input, world).then(
      () => expect.unreachable(),
      (thrown) => thrown,
    );
    expect((await world.record()).confirmed).toBeUndefined();
    expect(error.message).not.toContain(passwordOf(TOKEN));
    return error;
  };

  test("the writer refuses", async () => {
    const world = await pushed();
    server(world, WRITER).users.set("orders_b", { mayLogIn: true, password: "another" });
    const { name, message } = await failing(world);
    expect(name).toBe("LoginRefused");
    expect(message).toContain(`${WRITER} refuses the user orders_b: the password is wrong`);
  });

  test("a reader does not know it yet", async () => {
    const world = await pushed({ readers: false });
    const { name, message } = await failing(world);
    expect(name).toBe("ReaderBehind");
    expect(message).toContain(READER);
    world.authority.catchUp();
    expect(await confirmSuccessor(input, world)).toEqual({});
  });

  test.each([WRITER, READER])("%s cannot be reached", async (host) => {
    const world = await pushed();
    server(world, host).isAway = true;
    const { name, message } = await failing(world);
    expect(name).toBe("AuthorityUnreachable");
    expect(message).toContain(host);
  });

  test.each([
    [WRITER, "orders_b", "orders_b"],
    [READER, "orders_b", "orders_b"],
    [WRITER, "orders", "orders_b"],
  ])("on %s it acts as %s, and after DISCARD ALL as %s", async (host, fresh, afterDiscard) => {
    const world = await pushed();
    server(world, host).actingAs = { fresh, afterDiscard };
    const { name, message } = await failing(world);
    expect(name).toBe("OwnerLost");
    expect(message).toBe(
      `orders_b acts on ${host} (release 18.4) as ${fresh}, and after DISCARD ALL as ${afterDiscard}, and not as orders. ` +
        "PostgreSQL 17.0 forgets the owner there, and 17.1 never applies him: install 17.2 or later. Otherwise run " +
        "`npm run credential:prepare -- orders/db --apply`, which sees to it and checks it.",
    );
  });

  test("it acts as somebody else on another engine, of whose releases nothing is said", async () => {
    const world = await pushed({}, "mariadb");
    server(world, WRITER).actingAs = { fresh: "orders_b", afterDiscard: "orders_b" };
    const { message } = await failing(world);
    expect(message).toContain("Run `npm run credential:prepare -- orders/db --apply`");
    expect(message).not.toContain("PostgreSQL");
  });

  test("the value is another user's", async () => {
    const world = await credentialWorld();
    await world.secrets.putPending(SECRET, TOKEN, world.valueFor(TOKEN, "orders_a"));
    expect((await failing(world)).name).toBe("SecretUnfit");
  });

  test.each<[string, (world: CredentialWorld) => unknown]>([
    ["another version is pending", ({ secrets }) => secrets.begin(SECRET, THIRD)],
    ["none is pending", ({ secrets }) => secrets.dropPending(SECRET, TOKEN)],
    ["it is current already", ({ secrets }) => secrets.promote(SECRET, TOKEN, { from: FIRST })],
  ])("%s, and nobody is told that its login is refused", async (_, befall) => {
    const world = await pushed();
    await befall(world);
    server(world, WRITER).users.set("orders_b", { mayLogIn: true, password: "another" });
    expect((await failing(world)).name).toBe("Superseded");
  });

  test("it was given up while the servers were asked", async () => {
    const world = await pushed();
    const { actsAs } = world.authority;
    world.authority.actsAs = async (login) => {
      world.secrets.begin(SECRET, THIRD);
      return actsAs(login);
    };
    expect((await failing(world)).name).toBe("Superseded");
  });
});

test("a retirement that shut the user in between is noticed: the login is tried once more after it was noted", async () => {
  const world = await pushed();
  const { write } = world.credentials;
  const credentials: typeof world.credentials = {
    ...world.credentials,
    async write(...given) {
      await world.authority.refuse("orders_b", "LOGIN", async () => true);
      return write(...given);
    },
  };
  await expect(confirmSuccessor(input, { ...world, credentials })).rejects.toMatchObject({ name: "LoginRefused" });
});

test("of a secret that no setting names nothing is asked", async () => {
  const world = await pushed();
  const asked = { ...input, secret: "other/db" };
  await expect(confirmSuccessor(asked, world)).rejects.toMatchObject({ name: "UnknownCredential" });
});

describe("a token", () => {
  const asked = {
    ...{ secret: API_SECRET, token: TOKEN, other: { user: "token_b" }, verdict: "MATCH" as "MATCH" | "UNSET" },
    current: { versionId: FIRST, user: "token_a" },
  };
  const life = { from: NOW, to: NOW + LIFETIME_MS };

  /** A world whose pending version has its token. */
  async function issued(): Promise<TokenWorld> {
    const world = await tokenWorld();
    const { value } = await world.issueFor(TOKEN, "token_b");
    await world.secrets.putPending(API_SECRET, TOKEN, value);
    return world;
  }

  async function failing(world: TokenWorld): Promise<Error> {
    const error: Error = await confirmSuccessor(asked, world).then(
      () => expect.unreachable(),
      (thrown) => thrown,
    );
    expect((await world.record()).confirmed).toBeUndefined();
    expect(error.message).not.toContain((await world.tokenIn(TOKEN)) ?? "(none)");
    return error;
  }

  test("that the probe accepts is noted as confirmed, with its life and that of the one before it", async () => {
    const world = await issued();
    expect(await confirmSuccessor(asked, world)).toEqual({});
    expect((await world.record()).confirmed).toEqual({
      ...{ versionId: TOKEN, user: "token_b", at: NOW, life },
      former: { versionId: FIRST, user: "token_a", life },
    });
  });

  test("before it, nobody holds one that was never accepted; of one that somebody put, nobody knows when it ends", async () => {
    const unset = await issued();
    await confirmSuccessor({ ...asked, verdict: "UNSET" }, unset);
    expect((await unset.record()).confirmed).not.toHaveProperty("former");
    const another = await issued();
    await another.note({ current: undefined });
    await confirmSuccessor(asked, another);
    expect((await another.record()).confirmed?.former).toEqual({ versionId: FIRST, user: "token_a" });
  });

  test("that the probe refuses is none, and may be accepted a moment later", async () => {
    const world = await issued();
    const kept = world.issuer.tokens.get(world.tokenOf(TOKEN));
    Object.assign(kept ?? {}, { isRevoked: true });
    const { name, message } = await failing(world);
    expect(name).toBe("TokenRefused");
    expect(message).toBe("api.example refuses token_b, which was just issued: it answers 401");
    Object.assign(kept ?? {}, { isRevoked: false });
    expect(await confirmSuccessor(asked, world)).toEqual({});
  });

  test("whose probe is away is none", async () => {
    const world = await issued();
    world.issuer.isProbeAway = true;
    expect((await failing(world)).name).toBe("AuthorityUnreachable");
  });

  test("that has ended, or does not say when it ends, will never be one", async () => {
    const ended = await issued();
    ended.clock.at += LIFETIME_MS;
    const { name, message } = await failing(ended);
    expect(name).toBe("SecretUnfit");
    expect(message).toContain("has ended, at ");
    const endless = await tokenWorld();
    await endless.issueFor(TOKEN, "token_b");
    const value = JSON.stringify({ access_token: endless.tokenOf(TOKEN), turn: "token_b" });
    await endless.secrets.putPending(API_SECRET, TOKEN, value);
    expect(await failing(endless)).toMatchObject({
      name: "SecretUnfit",
      message: expect.stringContaining("does not say how long it is good"),
    });
  });

  test.each([
    ["the other one's", { access_token: "marked!", turn: "token_a" }],
    ["nobody's", { access_token: "marked!", turn: "token_c" }],
    ["none that a header may hold", { access_token: "marked! ", turn: "token_b" }],
  ])("that is %s is unfit, and never repeated", async (_, value) => {
    const world = await tokenWorld();
    await world.secrets.putPending(API_SECRET, TOKEN, JSON.stringify(value));
    const { name, message } = await failing(world);
    expect(name).toBe("SecretUnfit");
    expect(message).not.toContain("marked!");
  });

  test("that was given up meanwhile is none", async () => {
    const world = await issued();
    world.secrets.begin(API_SECRET, THIRD);
    expect((await failing(world)).name).toBe("Superseded");
  });
});
