import { expect, test } from "vitest";
import { deriveSuccessor } from "../../../functions/credential/derive-successor/step.ts";
import { readLogin } from "../../../functions/credential/secret-value.ts";
import {
  API_SECRET,
  CREDENTIAL,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  SECRET,
  THIRD,
  TOKEN,
  tokenWorld,
} from "./support.ts";

const input = {
  secret: SECRET,
  token: TOKEN,
  current: { versionId: FIRST, user: "orders_a" },
  other: { user: "orders_b" },
};
const pendingIn = ({ secrets }: CredentialWorld) => secrets.read(SECRET, TOKEN);

test("the pending version holds a login of the other user, in the shape of the settings", async () => {
  const world = await credentialWorld();
  expect(await deriveSuccessor(input, world)).toEqual({});
  const value = await pendingIn(world);
  expect(readLogin(value, CREDENTIAL)).toMatchObject({
    user: "orders_b",
    password: expect.stringMatching(/^[A-Za-z0-9]{41}$/),
  });
  expect(JSON.parse(value ?? "")).toMatchObject({ engine: "postgres", host: "db-1.example", dbname: "orders" });
});

test("what the current value holds besides stays, and what it says of host and user changes nothing", async () => {
  const world = await credentialWorld();
  const former = { dbInstanceIdentifier: "orders-1", host: "evil.example", username: "root", password: "x" };
  world.secrets.putCurrent(SECRET, FIRST, JSON.stringify(former));
  await deriveSuccessor(input, world);
  expect(JSON.parse((await pendingIn(world)) ?? "")).toMatchObject({
    ...{ dbInstanceIdentifier: "orders-1", host: "db-1.example", username: "orders_b" },
  });
});

test("a version has one value, however often it is derived", async () => {
  const world = await credentialWorld();
  await deriveSuccessor(input, world);
  const first = await pendingIn(world);
  expect(await deriveSuccessor(input, world)).toEqual({});
  expect(await pendingIn(world)).toBe(first);
});

test("two versions have two passwords", async () => {
  const world = await credentialWorld();
  await deriveSuccessor(input, world);
  world.secrets.begin(SECRET, THIRD);
  await deriveSuccessor({ ...input, token: THIRD }, world);
  const [one, other] = [await pendingIn(world), await world.secrets.read(SECRET, THIRD)];
  expect(readLogin(one, CREDENTIAL)?.password).not.toBe(readLogin(other, CREDENTIAL)?.password);
});

test("a version that is not pending any more gets no value", async () => {
  const world = await credentialWorld();
  world.secrets.begin(SECRET, THIRD);
  await expect(deriveSuccessor(input, world)).rejects.toMatchObject({ name: "Superseded" });
  expect(await pendingIn(world)).toBeUndefined();
});

test("of a secret that no setting names nothing is asked", async () => {
  const world = await credentialWorld();
  const asked = { ...input, secret: "other/db" };
  await expect(deriveSuccessor(asked, world)).rejects.toMatchObject({ name: "UnknownCredential" });
});

test("a token is the issuer's to draw", async () => {
  const world = await tokenWorld();
  const input = { secret: API_SECRET, token: TOKEN, current: { versionId: FIRST }, other: { user: "token_b" } };
  expect(await deriveSuccessor(input, world)).toEqual({});
  expect(await world.secrets.read(API_SECRET, TOKEN)).toBeUndefined();
});
