import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CancelRotateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { expect, onTestFinished, test } from "vitest";
import { ROTATOR, startSecrets } from "./harness.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const TOKEN = "00000000-0000-4000-8000-000000000001";
const OTHER = "00000000-0000-4000-8000-000000000002";
const INCOMPLETE = {
  name: "InvalidRequestException",
  message: "A previous rotation isn't complete. That rotation will be reattempted.",
};

type World = Awaited<ReturnType<typeof startSecrets>>;

function rotate({ client }: World, asked: Partial<RotateSecretCommandInput> = {}) {
  return client.send(new RotateSecretCommand({ SecretId: "one", RotationLambdaARN: ROTATOR, ...asked }));
}

/** Waits until a version is current. */
function turnedTo({ until, stages }: World, id: string): Promise<void> {
  return until(async () => (await stages("one"))[id]?.includes("AWSCURRENT") ?? false);
}

const logged = ({ log }: World, words: string) => log.filter((sentence) => sentence.includes(words)).length;

/** Waits until so many sentences of the log have these words. */
async function told(world: World, words: string, times = 1): Promise<void> {
  await world.until(() => logged(world, words) >= times);
}

function take({ client }: World, VersionStage: string, RemoveFromVersionId: string) {
  return client.send(new UpdateSecretVersionStageCommand({ SecretId: "one", VersionStage, RemoveFromVersionId }));
}

test("a request puts AWSPENDING on a version without a value, and the function is called for each step in order", async () => {
  const world = await startSecrets();
  const { rotator, create, stages, value, describe, client, clock, until } = world;
  const first = await create("one");
  const seen: unknown[] = [];
  rotator.before = async ({ Step, ClientRequestToken: VersionId }) => {
    if (Step !== "createSecret") return;
    seen.push(await stages("one"));
    seen.push(await client.send(new GetSecretValueCommand({ SecretId: "one", VersionId })).catch(({ name }) => name));
  };
  const answer = await rotate(world, { ClientRequestToken: TOKEN });
  const { ARN } = await describe("one");
  expect(answer).toMatchObject({ ARN, Name: "one", VersionId: TOKEN });
  await turnedTo(world, TOKEN);
  await until(async () => (await describe("one")).LastRotatedDate !== undefined);
  expect(seen).toEqual([{ [first]: ["AWSCURRENT"], [TOKEN]: ["AWSPENDING"] }, "ResourceNotFoundException"]);
  const [{ RotationToken } = { RotationToken: "" }] = rotator.events;
  expect(RotationToken).toMatch(/^[0-9a-f-]{36}$/);
  expect(rotator.events).toEqual(
    STEPS.map((Step) => ({ Step, SecretId: ARN, ClientRequestToken: TOKEN, RotationToken })),
  );
  expect(await stages("one")).toEqual({ [first]: ["AWSPREVIOUS"], [TOKEN]: ["AWSPENDING", "AWSCURRENT"] });
  expect(await value("one")).toBe(`value of ${TOKEN}`);
  expect(await describe("one")).toMatchObject({
    ...{ RotationEnabled: true, RotationLambdaARN: ROTATOR, LastRotatedDate: new Date(clock.now()) },
  });
});

test("each request turns it to another version, with the function that was given first", async () => {
  const world = await startSecrets();
  const first = await world.create("one");
  const { VersionId: second = "" } = await rotate(world);
  await turnedTo(world, second);
  const { VersionId: third = "" } = await world.client.send(new RotateSecretCommand({ SecretId: "one" }));
  await turnedTo(world, third);
  expect(new Set([first, second, third]).size).toBe(3);
  expect(await world.value("one", "AWSPREVIOUS")).toBe(`value of ${second}`);
});

test("a secret for which no function was given is not rotated", async () => {
  const world = await startSecrets();
  await world.create("one");
  await expect(world.client.send(new RotateSecretCommand({ SecretId: "one" }))).rejects.toMatchObject({
    name: "InvalidRequestException",
    message: "No Lambda rotation function ARN is associated with this secret.",
  });
  expect((await world.describe("one")).RotationEnabled).toBeUndefined();
});

test("the same token is the same request, while it runs and after it", async () => {
  const world = await startSecrets();
  await world.create("one");
  await rotate(world, { ClientRequestToken: TOKEN });
  expect(await rotate(world, { ClientRequestToken: TOKEN })).toMatchObject({ VersionId: TOKEN });
  await turnedTo(world, TOKEN);
  await rotate(world, { ClientRequestToken: TOKEN });
  await world.until(async () => (await world.describe("one")).LastRotatedDate !== undefined);
  expect(world.rotator.steps()).toEqual(STEPS);
  const { VersionId = "" } = await world.client.send(
    new PutSecretValueCommand({ SecretId: "one", SecretString: "by hand" }),
  );
  await expect(rotate(world, { ClientRequestToken: VersionId })).rejects.toMatchObject({
    name: "InvalidRequestException",
  });
});

test("while AWSPENDING stands on another version than AWSCURRENT, a request is refused and changes nothing", async () => {
  const world = await startSecrets();
  await world.create("one");
  world.rotator.failing.add("setSecret");
  await rotate(world, { ClientRequestToken: TOKEN });
  await expect(rotate(world, { ClientRequestToken: OTHER })).rejects.toMatchObject(INCOMPLETE);
  await told(world, "tried again");
  const other = { RotationRules: { AutomaticallyAfterDays: 5 } };
  await expect(rotate(world, { ClientRequestToken: OTHER, ...other })).rejects.toMatchObject(INCOMPLETE);
  expect((await world.describe("one")).RotationRules).toBeUndefined();
  // Whoever takes the label off, as AWS advises, makes room for the next request.
  await take(world, "AWSPENDING", TOKEN);
  world.rotator.failing.clear();
  await rotate(world, { ClientRequestToken: OTHER });
  await turnedTo(world, OTHER);
});

test("a rotation that fails is tried again from its first step, by its token, until it succeeds", async () => {
  const world = await startSecrets();
  await world.create("one");
  world.rotator.failing.add("testSecret");
  await rotate(world, { ClientRequestToken: TOKEN });
  await told(world, "tried again in 60 s");
  const once = STEPS.slice(0, 3);
  expect(world.rotator.steps()).toEqual(once);
  await world.clock.move(59_000);
  expect(world.rotator.steps()).toEqual(once);
  await world.clock.move(1_000);
  await told(world, "tried again in 120 s");
  world.rotator.failing.clear();
  await world.clock.move(120_000);
  await turnedTo(world, TOKEN);
  expect(world.rotator.steps()).toEqual([...once, ...once, ...STEPS]);
  expect(new Set(world.rotator.events.map(({ ClientRequestToken }) => ClientRequestToken))).toEqual(new Set([TOKEN]));
  expect(await world.value("one")).toBe(`value of ${TOKEN}`);
  // The function's own words may hold anything.
  expect(world.log.join()).not.toContain("hunter2");
  expect(logged(world, "testSecret ended with Refused")).toBe(2);
});

test("after its last try a rotation is left as it is: AWSPENDING stands, and requests are refused", async () => {
  const world = await startSecrets();
  const first = await world.create("one");
  world.rotator.failing.add("createSecret");
  await rotate(world, { ClientRequestToken: TOKEN });
  await told(world, "tried again in 60 s");
  await world.clock.move(60_000);
  await told(world, "tried again in 120 s");
  await world.clock.move(120_000);
  await told(world, "not tried again before its schedule");
  await world.clock.move(3_600_000);
  expect(world.rotator.steps()).toEqual(["createSecret", "createSecret", "createSecret"]);
  expect(await world.stages("one")).toEqual({ [first]: ["AWSCURRENT"], [TOKEN]: ["AWSPENDING"] });
  await expect(rotate(world)).rejects.toMatchObject(INCOMPLETE);
  expect((await world.describe("one")).LastRotatedDate).toBeUndefined();
});

test("a rotation whose label somebody takes off is given up when it fails", async () => {
  const world = await startSecrets();
  await world.create("one");
  world.rotator.before = ({ Step }) => (Step === "setSecret" ? take(world, "AWSPENDING", TOKEN) : undefined);
  world.rotator.failing.add("setSecret");
  await rotate(world, { ClientRequestToken: TOKEN });
  await told(world, "given up");
  await world.clock.move(3_600_000);
  expect(world.rotator.steps()).toEqual(["createSecret", "setSecret"]);
});

test("steps that all succeed and turn nothing are no rotation", async () => {
  const world = await startSecrets();
  await world.create("one");
  world.rotator.client = undefined;
  await rotate(world, { ClientRequestToken: TOKEN });
  await told(world, "no step has moved AWSCURRENT");
  expect((await world.describe("one")).LastRotatedDate).toBeUndefined();
});

test("a version without a value becomes the current one by nobody's hand", async () => {
  const world = await startSecrets();
  const first = await world.create("one");
  world.rotator.failing.add("createSecret");
  await rotate(world, { ClientRequestToken: TOKEN });
  const move = { VersionStage: "AWSCURRENT", MoveToVersionId: TOKEN, RemoveFromVersionId: first };
  await expect(
    world.client.send(new UpdateSecretVersionStageCommand({ SecretId: "one", ...move })),
  ).rejects.toMatchObject({ name: "InvalidRequestException" });
  expect(await world.value("one")).toBe("first");
});

test.each(["passes", "fails"])(
  "RotateImmediately false runs testSecret alone, and leaves no version, if it %s",
  async (how) => {
    const world = await startSecrets();
    const first = await world.create("one");
    if (how === "fails") world.rotator.failing.add("testSecret");
    const seen: unknown[] = [];
    world.rotator.before = async () => seen.push(await world.stages("one"));
    await rotate(world, { ClientRequestToken: TOKEN, RotateImmediately: false });
    await world.until(async () => Object.keys(await world.stages("one")).length === 1);
    await world.clock.move(3_600_000);
    expect(world.rotator.steps()).toEqual(["testSecret"]);
    expect(seen).toEqual([{ [first]: ["AWSCURRENT"], [TOKEN]: ["AWSPENDING"] }]);
    const described = await world.describe("one");
    expect(described).toMatchObject({ RotationEnabled: true, VersionIdsToStages: { [first]: ["AWSCURRENT"] } });
    expect(described.LastRotatedDate).toBeUndefined();
    expect(logged(world, "The test of the rotation")).toBe(how === "fails" ? 1 : 0);
  },
);

test("cancelling turns rotation off and ends what runs, between two steps, with the labels as they are", async () => {
  const world = await startSecrets();
  const first = await world.create("one");
  const cancel = () => world.client.send(new CancelRotateSecretCommand({ SecretId: "one" }));
  world.rotator.before = ({ Step }) => (Step === "setSecret" ? cancel() : undefined);
  await rotate(world, { ClientRequestToken: TOKEN });
  await world.until(async () => (await world.describe("one")).RotationEnabled === false);
  await world.clock.move(3_600_000);
  expect(world.rotator.steps()).toEqual(["createSecret", "setSecret"]);
  expect(await world.stages("one")).toEqual({ [first]: ["AWSCURRENT"], [TOKEN]: ["AWSPENDING"] });
  await take(world, "AWSPENDING", TOKEN);
  world.rotator.before = () => undefined;
  const { VersionId = "" } = await world.client.send(new RotateSecretCommand({ SecretId: "one" }));
  await turnedTo(world, VersionId);
  expect((await world.describe("one")).RotationEnabled).toBe(true);
});

test("a secret that is deleted while it is rotated is tried no more", async () => {
  const world = await startSecrets();
  await world.create("one");
  world.rotator.failing.add("setSecret");
  world.rotator.before = ({ Step }) =>
    Step === "setSecret" ? world.client.send(new DeleteSecretCommand({ SecretId: "one" })) : undefined;
  await rotate(world);
  await world.until(() => world.rotator.events.length === 2);
  await world.clock.move(3_600_000);
  expect(world.rotator.steps()).toEqual(["createSecret", "setSecret"]);
});

test("what a former process left goes on by the same token, whether it ran or waited to be tried again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const former = await startSecrets({ folder });
  await former.create("one");
  let reached = false;
  // A step that has no end before that of the process.
  former.rotator.before = ({ Step }) => {
    if (Step !== "setSecret") return undefined;
    reached = true;
    return new Promise(() => undefined);
  };
  await rotate(former, { ClientRequestToken: TOKEN });
  await former.until(() => reached);
  await former.close();

  const second = await startSecrets({ folder, clock: former.clock });
  second.rotator.failing.add("setSecret");
  await told(second, "tried again in 60 s");
  expect(second.rotator.steps()).toEqual(["createSecret", "setSecret"]);
  await second.close();

  const third = await startSecrets({ folder, clock: former.clock });
  await third.clock.move(60_000);
  await turnedTo(third, TOKEN);
  expect(await third.value("one")).toBe(`value of ${TOKEN}`);
});
