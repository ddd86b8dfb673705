import { describe, expect, test, vi } from "vitest";
import { pushToAuthority } from "../../../functions/credential/push-to-authority/step.ts";
import { writeValue } from "../../../functions/credential/secret-value.ts";
import { NOW } from "../support.ts";
import { atEachCall } from "./dying.ts";
import {
  API_SECRET,
  CREDENTIAL,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  ISSUERS,
  LIFETIME_MS,
  passwordOf,
  SECRET,
  THIRD,
  TOKEN,
  type TokenWorld,
  tokenWorld,
  WRITER,
} from "./support.ts";

const input = {
  secret: SECRET,
  token: TOKEN,
  current: { versionId: FIRST, user: "orders_a" },
  other: { user: "orders_b" },
};
const login = { user: "orders_b", password: passwordOf(TOKEN) };

/** A world whose pending version has this value; that of a derivation, if nothing else is said. */
async function derived(value?: string) {
  const world = await credentialWorld();
  await world.secrets.putPending(SECRET, TOKEN, value ?? world.valueFor(TOKEN, "orders_b"));
  return world;
}

async function says({ authority }: CredentialWorld, one = login): Promise<string | undefined> {
  const [writer] = await authority.accepts(one);
  return writer?.says;
}

test("the database lets the other user in with the pending password, and the current one as before", async () => {
  const world = await derived();
  expect(await says(world)).toBe("REFUSED");
  expect(await pushToAuthority(input, world)).toEqual({});
  expect(await says(world)).toBe("ACCEPTED");
  expect(await says(world, { user: "orders_a", password: passwordOf(FIRST) })).toBe("ACCEPTED");
});

test("done again it changes nothing", async () => {
  const world = await derived();
  await pushToAuthority(input, world);
  expect(await pushToAuthority(input, world)).toEqual({});
  expect(await says(world)).toBe("ACCEPTED");
});

describe("under the lock the labels are read again, and nothing is changed where", () => {
  test.each<[string, (world: CredentialWorld) => unknown]>([
    ["another version is pending", ({ secrets }) => secrets.begin(SECRET, THIRD)],
    ["none is pending", ({ secrets }) => secrets.dropPending(SECRET, TOKEN)],
    ["the version is current already", ({ secrets }) => secrets.promote(SECRET, TOKEN, { from: FIRST })],
    [
      "another version of this user is current, and a late request has brought the label back",
      ({ secrets, valueFor }) => secrets.putCurrent(SECRET, THIRD, valueFor(THIRD, "orders_b")),
    ],
    ["the secret is gone", ({ secrets }) => secrets.delete(SECRET)],
  ])("%s", async (_, befall) => {
    const world = await derived();
    const { honour } = world.authority;
    // It was held up before the lock.
    world.authority.honour = async (...given) => {
      await befall(world);
      return honour(...given);
    };
    await expect(pushToAuthority(input, world)).rejects.toMatchObject({ name: "Superseded" });
    expect(await says(world)).toBe("REFUSED");
  });

  test("the labels cannot be read", async () => {
    const world = await derived();
    const secrets = { ...world.secrets, stages: () => Promise.reject(new Error("throttled")) };
    await expect(pushToAuthority(input, { ...world, secrets })).rejects.toThrow("throttled");
    expect(await says(world)).toBe("REFUSED");
  });
});

describe("a value is unfit, and never repeated, where", () => {
  test.each([
    ["it is the current user's", writeValue({ user: "orders_a", password: "marked!" }, CREDENTIAL, undefined)],
    ["it is somebody else's", writeValue({ user: "postgres", password: "marked!" }, CREDENTIAL, undefined)],
    ["it is no login", '["marked!"]'],
    ["its password is no ASCII", writeValue({ user: "orders_b", password: "marked!é" }, CREDENTIAL, undefined)],
    ["its password has two lines", writeValue({ user: "orders_b", password: "marked!\n" }, CREDENTIAL, undefined)],
  ])("%s", async (_, value) => {
    const world = await derived(value);
    const failed = pushToAuthority(input, world);
    await expect(failed).rejects.toMatchObject({ name: "SecretUnfit" });
    await expect(failed).rejects.not.toThrow("marked!");
    expect(world.authority.servers.get(WRITER)?.users.get("orders_b")?.password).toBeUndefined();
  });
});

test("a value that is not to be seen yet is waited for", async () => {
  const world = await credentialWorld();
  await expect(pushToAuthority(input, world)).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
});

test("a lock that another one keeps is waited for, and not for ever", async () => {
  vi.useFakeTimers();
  try {
    const world = await derived();
    void world.authority.refuse("orders_b", "LOGIN", () => new Promise(() => {}));
    const failed = expect(pushToAuthority(input, world)).rejects.toMatchObject({ name: "AuthorityBusy" });
    await vi.runAllTimersAsync();
    await failed;
    expect(await says(world)).toBe("REFUSED");
  } finally {
    vi.useRealTimers();
  }
});

test("what the database does not do goes on by its name", async () => {
  const world = await derived();
  world.authority.refusesManager = true;
  await expect(pushToAuthority(input, world)).rejects.toMatchObject({ name: "ManagerRefused" });
});

test("of a secret that no setting names nothing is asked", async () => {
  const world = await derived();
  const asked = { ...input, secret: "other/db" };
  await expect(pushToAuthority(asked, world)).rejects.toMatchObject({ name: "UnknownCredential" });
});

describe.each(ISSUERS)("an issuer with $what", ({ changes }) => {
  const asked = {
    secret: API_SECRET,
    token: TOKEN,
    current: { versionId: FIRST, user: "token_a" },
    other: { user: "token_b" },
  };
  const push = (world: TokenWorld, neighbours: object = {}) => pushToAuthority(asked, { ...world, ...neighbours });
  /** The tokens that are honoured, but for the current one. */
  const honoured = ({ issuer, tokenOf }: TokenWorld) =>
    [...issuer.tokens.keys()].filter((token) => issuer.honours(token) && token !== tokenOf(FIRST));

  test("gives the other token, which is the version's value, with when it ends and whose turn it is", async () => {
    const world = await tokenWorld(changes);
    expect(await push(world)).toEqual({});
    const token = (await world.tokenIn(TOKEN)) ?? "";
    expect(JSON.parse((await world.secrets.read(API_SECRET, TOKEN)) ?? "")).toEqual({
      ...{ token_type: "bearer", access_token: token, turn: "token_b" },
      ...{ issued_at: NOW / 1000, expires_at: (NOW + LIFETIME_MS) / 1000 },
    });
    expect(world.issuer.tokens.get(token)?.key).toBe(world.credential.keys.at(-1));
    expect(honoured(world)).toEqual([token]);
    expect(world.honours(FIRST)).toBe(true);
  });

  test("is asked once, however often it is pushed", async () => {
    const world = await tokenWorld(changes);
    await push(world);
    const value = await world.secrets.read(API_SECRET, TOKEN);
    await push(world);
    expect(await world.secrets.read(API_SECRET, TOKEN)).toBe(value);
    expect(world.issuer.tokens.size).toBe(2);
  });

  test("whose answer says no lifetime is taken to have given the one that is set", async () => {
    const world = await tokenWorld({ ...changes, lifetimeSeconds: 7200 });
    world.issuer.saysNoLifetime = true;
    await push(world);
    expect(JSON.parse((await world.secrets.read(API_SECRET, TOKEN)) ?? "").expires_at).toBe(NOW / 1000 + 7200);
  });

  test.each(["before", "after"] as const)("dead %s any call, it is right when it is pushed again", async (when) => {
    const deaths = await atEachCall(when, {
      async begin() {
        const world = await tokenWorld(changes);
        const { secrets, credentials, issuer } = world;
        return { world, neighbours: { secrets, credentials, issuer } };
      },
      run: (world, { issuer, ...neighbours }) => {
        const authorities = { ...world.authorities, issuerOf: () => issuer as typeof world.issuer };
        return push(world, { ...neighbours, authorities });
      },
      async check(world) {
        await push(world);
        const token = (await world.tokenIn(TOKEN)) ?? "";
        expect(honoured(world)).toContain(token);
        // Of an issuer with many, one may be lost between its answer and the secret.
        expect(honoured(world).length).toBeLessThanOrEqual(2);
        expect((await world.record()).issued).toEqual([TOKEN]);
        expect(world.honours(FIRST)).toBe(true);
      },
    });
    expect(deaths).toBeGreaterThan(6);
  });

  test.each<[string, (world: TokenWorld) => unknown]>([
    ["another version is pending", ({ secrets }) => secrets.begin(API_SECRET, THIRD)],
    ["none is pending", ({ secrets }) => secrets.dropPending(API_SECRET, TOKEN)],
    ["another one is current", ({ secrets }) => secrets.putCurrent(API_SECRET, THIRD, "by hand")],
    ["the secret is gone", ({ secrets }) => secrets.delete(API_SECRET)],
  ])("is asked for nothing where, when its key was read, %s", async (_, befall) => {
    const world = await tokenWorld(changes);
    const { issue } = world.issuer;
    world.issuer.issue = async (...given) => {
      await befall(world);
      return issue(...given);
    };
    await expect(push(world)).rejects.toMatchObject({ name: "Superseded" });
    expect(world.issuer.tokens.size).toBe(1);
  });

  test("is asked for nothing where another try has put a value meanwhile, which is then the one", async () => {
    const world = await tokenWorld(changes);
    const { issue } = world.issuer;
    let isSecond = false;
    world.issuer.issue = async (...given) => {
      if (!isSecond) {
        isSecond = true;
        await push(world);
      }
      return issue(...given);
    };
    expect(await push(world)).toEqual({});
    expect(world.issuer.tokens.size).toBe(2);
    expect(honoured(world)).toEqual([await world.tokenIn(TOKEN)]);
  });

  test("revokes what cannot be kept, as the version is pending no more", async () => {
    const world = await tokenWorld(changes);
    const { putPending } = world.secrets;
    world.secrets.putPending = async (...given) => {
      await world.secrets.dropPending(API_SECRET, TOKEN);
      return putPending(...given);
    };
    await expect(push(world)).rejects.toMatchObject({ name: "Superseded" });
    expect(world.issuer.tokens.size).toBe(2);
    expect(honoured(world)).toEqual([]);
    expect(await world.tokenIn(TOKEN)).toBeUndefined();
  });

  test("revokes what cannot be kept, as the version has another value: that one stays", async () => {
    const world = await tokenWorld(changes);
    const { putPending } = world.secrets;
    world.secrets.putPending = async (...given) => {
      world.secrets.putPending = putPending;
      await putPending(API_SECRET, TOKEN, "another's");
      return putPending(...given);
    };
    expect(await push(world)).toEqual({});
    expect(honoured(world)).toEqual([]);
    expect(await world.secrets.read(API_SECRET, TOKEN)).toBe("another's");
  });

  test.each<[string, object]>([
    ["AuthorityUnreachable", { isAway: true }],
    ["AuthorityPutsOff", { putsOff: true }],
    ["KeyRefused", { refusedKeys: new Set(["shop/api-key", "shop/api-key-b"]) }],
    ["AnswerUnfit", { answersUnfit: true }],
    ["AuthorityUnwilling", { isUnwilling: true }],
  ])("that fails with %s gives no value, and the current token stays", async (name, change) => {
    const world = await tokenWorld(changes);
    Object.assign(world.issuer, change);
    await expect(push(world)).rejects.toMatchObject({ name });
    expect(await world.secrets.read(API_SECRET, TOKEN)).toBeUndefined();
    expect(world.honours(FIRST)).toBe(true);
    expect(world.issuer.tokens.size).toBe(1);
  });
});

describe("an issuer that gives a key the same token again for as long as that is good", () => {
  const asked = {
    ...{ secret: API_SECRET, token: TOKEN },
    ...{ current: { versionId: FIRST, user: "token_a" }, other: { user: "token_b" } },
  };

  async function givingAgain(changes: Parameters<typeof tokenWorld>[0] = {}): Promise<TokenWorld> {
    const world = await tokenWorld(changes);
    world.issuer.givesAgain = true;
    return world;
  }

  test("of two pushes at once, the one that is too late does not revoke what the other one has kept", async () => {
    const world = await givingAgain();
    const { putPending } = world.secrets;
    world.secrets.putPending = async (...given) => {
      world.secrets.putPending = putPending;
      world.clock.at += 5000;
      await pushToAuthority(asked, world);
      return putPending(...given);
    };
    await pushToAuthority(asked, world);
    expect(world.issuer.honours((await world.tokenIn(TOKEN)) ?? "")).toBe(true);
  });

  test("nor where the other one's value is not to be seen yet", async () => {
    const world = await givingAgain();
    const { putPending, read } = world.secrets;
    world.secrets.putPending = async (...given) => {
      world.secrets.putPending = putPending;
      world.clock.at += 5000;
      await pushToAuthority(asked, world);
      world.secrets.read = async (secret, version) => (version === TOKEN ? undefined : read(secret, version));
      return putPending(...given);
    };
    await pushToAuthority(asked, world);
    world.secrets.read = read;
    expect(world.issuer.honours((await world.tokenIn(TOKEN)) ?? "")).toBe(true);
  });

  test("one that was held up until a later version with the same token is current does not revoke it", async () => {
    const world = await givingAgain();
    const { putPending } = world.secrets;
    world.secrets.putPending = async (...given) => {
      world.secrets.putPending = putPending;
      await world.secrets.dropPending(API_SECRET, TOKEN);
      world.secrets.begin(API_SECRET, THIRD);
      await pushToAuthority({ ...asked, token: THIRD }, world);
      await world.secrets.promote(API_SECRET, THIRD, { from: FIRST });
      return putPending(...given);
    };
    await expect(pushToAuthority(asked, world)).rejects.toMatchObject({ name: "Superseded" });
    expect(world.issuer.honours((await world.tokenIn(THIRD)) ?? "")).toBe(true);
  });

  test("the token that is current is no successor, and stays", async () => {
    const world = await givingAgain({ tokensPerKey: "many", keys: ["shop/api-key"] });
    const failed = pushToAuthority(asked, world);
    await expect(failed).rejects.toMatchObject({
      name: "AnswerUnfit",
      message: expect.stringContaining("the very token that shop/api-token holds already"),
    });
    expect([await world.tokenIn(TOKEN), world.honours(FIRST)]).toEqual([undefined, true]);
  });

  test("the former one, which somebody uses still, is no successor either, and stays", async () => {
    const world = await givingAgain();
    world.clock.at += LIFETIME_MS / 4;
    await world.turn();
    world.secrets.begin(API_SECRET, THIRD);
    const third = {
      ...asked,
      token: THIRD,
      current: { versionId: TOKEN, user: "token_b" },
      other: { user: "token_a" },
    };
    await expect(pushToAuthority(third, world)).rejects.toMatchObject({ name: "AnswerUnfit" });
    expect([await world.tokenIn(THIRD), world.honours(FIRST), world.honours(TOKEN)]).toEqual([undefined, true, true]);
  });
});

test.each([true, false])(
  "where Secrets Manager fails, put or not (%s), none is left that nobody can name",
  async (isPut) => {
    const world = await tokenWorld({ tokensPerKey: "many" });
    const { putPending } = world.secrets;
    world.secrets.putPending = async (...given) => {
      if (isPut) await putPending(...given);
      throw new Error("throttled");
    };
    const asked = { secret: API_SECRET, token: TOKEN, current: { versionId: FIRST, user: "token_a" } };
    await expect(pushToAuthority({ ...asked, other: { user: "token_b" } }, world)).rejects.toThrow("throttled");
    const [, second = ""] = [...world.issuer.tokens.keys()];
    expect([world.issuer.honours(second), world.honours(FIRST)]).toEqual([isPut, true]);
  },
);

describe("a token that ends before the current one does", () => {
  const asked = {
    ...{ secret: API_SECRET, token: TOKEN },
    ...{ current: { versionId: FIRST, user: "token_a" }, other: { user: "token_b" } },
  };

  async function short(): Promise<TokenWorld> {
    const world = await tokenWorld();
    world.issuer.lifetimeSeconds = 60;
    return world;
  }

  test("is no gain: it is not kept, and revoked", async () => {
    const world = await short();
    await expect(pushToAuthority(asked, world)).rejects.toMatchObject({
      name: "AnswerUnfit",
      message: expect.stringMatching(/gives a token that ends at 20.*, sooner than the one in shop\/api-token does/),
    });
    expect(await world.tokenIn(TOKEN)).toBeUndefined();
    expect([...world.issuer.tokens.keys()].map(world.issuer.honours)).toEqual([true, false]);
  });

  test.each<[string, (world: TokenWorld) => unknown]>([
    ["the current one is refused", (world) => world.revoke(FIRST)],
    [
      "the end of the current one was asked for",
      (world) => world.note({ requested: [{ token: TOKEN, force: true, heal: false, at: NOW }] }),
    ],
    [
      "the current one ends sooner by now",
      (world) => {
        world.clock.at += LIFETIME_MS - 30_000;
      },
    ],
  ])("is better than none where %s", async (_, befall) => {
    const world = await short();
    await befall(world);
    await pushToAuthority(asked, world);
    expect(world.issuer.honours((await world.tokenIn(TOKEN)) ?? "")).toBe(true);
  });
});

describe("by which of two keys", () => {
  const asked = {
    ...{ secret: API_SECRET, token: TOKEN },
    ...{ current: { versionId: FIRST, user: "token_a" }, other: { user: "token_b" } },
  };
  const keyOfSecond = ({ issuer }: TokenWorld) => [...issuer.tokens.values()][1]?.key;

  test("by the other one, though the settings name the two the other way round by now: the current token stays", async () => {
    const world = await tokenWorld();
    await world.note({ issued: [FIRST], madeBy: { [FIRST]: "shop/api-key-b" } });
    const [token] = world.issuer.tokens.keys();
    Object.assign(world.issuer.tokens.get(token ?? "") ?? {}, { key: "shop/api-key-b" });
    await pushToAuthority(asked, world);
    expect([keyOfSecond(world), world.honours(FIRST)]).toEqual(["shop/api-key-a", true]);
    expect((await world.record()).madeBy).toEqual({ [FIRST]: "shop/api-key-b", [TOKEN]: "shop/api-key-a" });
  });

  test("by the current one's own, where the other one is refused and the current token serves nobody", async () => {
    const world = await tokenWorld();
    world.issuer.refusedKeys.add("shop/api-key-b");
    world.revoke(FIRST);
    await pushToAuthority(asked, world);
    expect(keyOfSecond(world)).toBe("shop/api-key-a");
    expect(JSON.parse((await world.secrets.read(API_SECRET, TOKEN)) ?? "")).toMatchObject({ turn: "token_b" });
    expect((await world.record()).madeBy).toEqual({ [TOKEN]: "shop/api-key-a" });
    // The next one is the other key's again.
    await world.secrets.promote(API_SECRET, TOKEN, { from: FIRST });
    world.secrets.begin(API_SECRET, THIRD);
    const next = { ...asked, token: THIRD, current: { versionId: TOKEN, user: "token_b" }, other: { user: "token_a" } };
    await expect(pushToAuthority(next, world)).rejects.toMatchObject({ name: "KeyRefused" });
    expect(world.issuer.honours((await world.tokenIn(TOKEN)) ?? "")).toBe(true);
  });

  test.each<[string, (world: TokenWorld) => unknown]>([
    ["nobody says that the current token is refused", (world) => Object.assign(world.issuer, { isProbeAway: true })],
    [
      "none was ever turned",
      async (world) => {
        world.revoke(FIRST);
        await world.note({ current: undefined });
      },
    ],
  ])("by no other one where %s", async (_, befall) => {
    const world = await tokenWorld();
    world.issuer.refusedKeys.add("shop/api-key-b");
    await befall(world);
    await expect(pushToAuthority(asked, world)).rejects.toMatchObject({ name: "KeyRefused" });
    expect(world.issuer.tokens.size).toBe(1);
  });
});

test("what else stands in the current value of a token stays there", async () => {
  const world = await tokenWorld();
  const { secrets } = world;
  secrets.putCurrent(
    API_SECRET,
    THIRD,
    JSON.stringify({ access_token: "somebody's", base_url: "https://api.example" }),
  );
  const current = { versionId: THIRD, user: "token_a" };
  await pushToAuthority({ secret: API_SECRET, token: TOKEN, current, other: { user: "token_b" } }, world);
  expect(JSON.parse((await secrets.read(API_SECRET, TOKEN)) ?? "")).toMatchObject({ base_url: "https://api.example" });
});

test("of the versions for which a token was asked for, so many are remembered as may matter", async () => {
  const world = await tokenWorld();
  await world.note({ issued: Array.from({ length: 20 }, (_, n) => `version-${n}`) });
  await pushToAuthority(
    { secret: API_SECRET, token: TOKEN, current: { versionId: FIRST, user: "token_a" }, other: { user: "token_b" } },
    world,
  );
  const { issued = [] } = await world.record();
  expect(issued).toHaveLength(20);
  expect([issued[0], issued.at(-1)]).toEqual(["version-1", TOKEN]);
});
