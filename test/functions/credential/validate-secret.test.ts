import { expect, test } from "vitest";
import { tryName } from "../../../functions/credential/tries.ts";
import { validateSecret } from "../../../functions/credential/validate-secret/step.ts";
import { type CredentialWorld, credentialWorld, FIRST, SECRET, THIRD, TOKEN } from "./support.ts";

const A = { versionId: FIRST, user: "orders_a" };
const B = { versionId: TOKEN, user: "orders_b" };
const PLAIN = { force: false, heal: false };

function validate(world: CredentialWorld, token = TOKEN, test = false) {
  return validateSecret({ secret: SECRET, token, test }, world);
}

test("a version that is pending is turned, and sets the user that is not in force", async () => {
  const world = await credentialWorld();
  expect(await validate(world)).toEqual({ stage: "TURN", current: A, other: { user: "orders_b" }, ...PLAIN });
});

test("after a turn, the former user is turned, whose version is the record's", async () => {
  const world = await credentialWorld();
  await world.turn();
  world.secrets.begin(SECRET, THIRD);
  expect(await validate(world, THIRD)).toEqual({ stage: "TURN", current: B, other: A, ...PLAIN });
});

test("where the record knows no former version, the one with that label is his", async () => {
  const world = await credentialWorld();
  await world.turn();
  await world.note({ predecessor: undefined });
  world.secrets.begin(SECRET, THIRD);
  expect(await validate(world, THIRD)).toMatchObject({ other: A });
});

test("a version that is current, and whose predecessor stands, is to retire him", async () => {
  const world = await credentialWorld();
  await world.turn();
  expect(await validate(world)).toEqual({ stage: "RETIRE", current: B, other: A, ...PLAIN });
});

test("labels on one version say that it is current: AWS leaves the other one there", async () => {
  const world = await credentialWorld();
  await world.turn();
  world.secrets.begin(SECRET, TOKEN);
  expect(await validate(world)).toMatchObject({ stage: "RETIRE" });
});

test.each([
  ["its predecessor is retired", { predecessor: undefined }],
  ["the record knows another one", { current: { ...A, since: 1, execution: "one" } }],
  ["the record knows none", { current: undefined }],
])("a version that is current is superseded where %s", async (_, change) => {
  const world = await credentialWorld();
  await world.turn();
  await world.note(change);
  await expect(validate(world)).rejects.toMatchObject({ name: "Superseded" });
});

test("a version that is neither pending nor current is tried again", async () => {
  const world = await credentialWorld();
  await expect(validate(world, THIRD)).rejects.toMatchObject({ name: "NotPending" });
});

test("a test needs no pending version", async () => {
  const world = await credentialWorld();
  expect(await validate(world, THIRD, true)).toMatchObject({ stage: "TEST", current: A });
  expect(await validate(world, FIRST, true)).toMatchObject({ stage: "TEST", current: A });
});

test("what was asked for beyond a rotation belongs to its token alone", async () => {
  const world = await credentialWorld();
  await world.note({ requested: [{ token: TOKEN, force: true, heal: true, at: world.clock.at }] });
  expect(await validate(world)).toMatchObject({ force: true, heal: true });
  world.secrets.begin(SECRET, THIRD);
  expect(await validate(world, THIRD)).toMatchObject(PLAIN);
});

test.each([
  ["no JSON", "changed by hand"],
  ["another user", '{"username":"postgres","password":"p"}'],
  ["no password", '{"username":"orders_a"}'],
])("a current value with %s names nobody, and the user in force by the record is left alone", async (_, value) => {
  const world = await credentialWorld();
  await world.turn();
  world.secrets.putCurrent(SECRET, THIRD, value);
  world.secrets.begin(SECRET, "4".repeat(36));
  // The third version's predecessor is the second one, whose user is in force: it is not his who is turned.
  const found = await validate(world, "4".repeat(36));
  expect(found).toEqual({ stage: "TURN", current: { versionId: THIRD }, other: A, ...PLAIN });
});

test("a current value that names nobody, of a secret never turned, leaves the first user alone, for whom it was made", async () => {
  const world = await credentialWorld();
  world.secrets.putCurrent(SECRET, THIRD, "{}");
  expect(await validate(world)).toMatchObject({ current: { versionId: THIRD }, other: { user: "orders_b" } });
});

test("where a current value says to connect changes nothing", async () => {
  const world = await credentialWorld();
  const evil = { username: "orders_a", password: "p", host: "evil.example", port: 1, engine: "mysql", owner: "root" };
  world.secrets.putCurrent(SECRET, THIRD, JSON.stringify(evil));
  const found = await validate(world);
  expect(found).toMatchObject({ current: { versionId: THIRD, user: "orders_a" }, other: { user: "orders_b" } });
  expect(JSON.stringify(found)).not.toMatch(/evil|mysql|root/);
});

test("a secret that the settings do not name is told by those that they name", async () => {
  const world = await credentialWorld();
  const asked = validateSecret({ secret: "bills/db", token: TOKEN }, world);
  await expect(asked).rejects.toMatchObject({ name: "UnknownCredential", message: expect.stringContaining(SECRET) });
  const none = validateSecret({ secret: SECRET, token: TOKEN }, { ...world, credentialSettings: [] });
  await expect(none).rejects.toMatchObject({ name: "UnknownCredential", message: expect.stringContaining("none") });
});

test("a secret that is gone is told", async () => {
  const world = await credentialWorld();
  world.secrets.delete(SECRET);
  await expect(validate(world)).rejects.toMatchObject({ name: "SecretGone" });
});

test("a secret without a current version is told", async () => {
  const world = await credentialWorld();
  const secrets = {
    ...world.secrets,
    stages: async () => ({ current: undefined, pending: TOKEN, predecessor: undefined }),
  };
  const asked = validateSecret({ secret: SECRET, token: TOKEN }, { ...world, secrets });
  await expect(asked).rejects.toMatchObject({ name: "SecretGone", message: expect.stringContaining("no current") });
});

test("nothing that it gives or throws holds a password", async () => {
  const world = await credentialWorld();
  const found = JSON.stringify(await validate(world));
  const thrown = String(await validate(world, THIRD).catch((error: unknown) => error));
  expect(found + thrown).not.toContain("password");
});

test("while a version may be about to be promoted whose label was taken off, its user is not set anew", async () => {
  const world = await credentialWorld();
  const name = tryName({ secret: SECRET, token: THIRD }, 1);
  await world.executions.start({ flow: "credential", name, input: {} });
  await world.note({ confirmed: { versionId: THIRD, user: "orders_b", at: 1 } });
  const message = expect.stringContaining(name);
  await expect(validate(world)).rejects.toMatchObject({ name: "TemporarilyUnavailable", message });

  // One that only waits for its consumers is promoted, whatever others have made the current one since.
  await world.note({ current: { versionId: THIRD, user: "orders_b", since: 1, execution: name } });
  expect(await validate(world)).toMatchObject({ stage: "TURN" });

  await world.note({ current: undefined });
  for (const execution of world.executions.started) execution.ended = true;
  expect(await validate(world)).toMatchObject({ stage: "TURN" });
});
