import { describe, expect, test, vi } from "vitest";
import { pushToAuthority } from "../../../functions/credential/push-to-authority/step.ts";
import { writeValue } from "../../../functions/credential/secret-value.ts";
import {
  CREDENTIAL,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  passwordOf,
  SECRET,
  THIRD,
  TOKEN,
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
