import {
  CreateSecretCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { Faults } from "../../src/index.ts";
import { ROTATOR, startSecrets } from "./harness.ts";

test("labels and values that are read are older than what was done, for as long as the plan says", async () => {
  const world = await startSecrets({ faults: new Faults("seed", { lagMs: { secrets: 10_000 } }) });
  const { client, clock, create, stages, value } = world;
  const first = await create("one");
  await expect(value("one")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await clock.move(10_000);
  expect(await value("one")).toBe("first");
  const put = await client.send(new PutSecretValueCommand({ SecretId: "one", SecretString: "second" }));
  // What was done has been done: only reads are behind.
  expect(put.VersionStages).toEqual(["AWSCURRENT"]);
  await expect(client.send(new CreateSecretCommand({ Name: "one" }))).rejects.toMatchObject({
    name: "ResourceExistsException",
  });
  expect([await value("one"), await stages("one")]).toEqual(["first", { [first]: ["AWSCURRENT"] }]);
  const { Versions } = await client.send(new ListSecretVersionIdsCommand({ SecretId: "one" }));
  expect(Versions).toHaveLength(1);
  await clock.move(10_000);
  expect([await value("one"), await value("one", "AWSPREVIOUS")]).toEqual(["second", "first"]);
});

test("a rotation whose function does not see yet what it has done is tried again, and succeeds", async () => {
  const world = await startSecrets({ faults: new Faults("seed", { lagMs: { secrets: 30_000 } }) });
  await world.create("one");
  await world.clock.move(30_000);
  const asked = { SecretId: "one", RotationLambdaARN: ROTATOR };
  const { VersionId } = await world.client.send(new RotateSecretCommand(asked));
  world.rotator.failing.add("setSecret");
  await world.until(() => world.log.length === 1);
  world.rotator.failing.clear();
  await world.clock.move(60_000);
  await world.until(async () => {
    await world.clock.move(1_000);
    return (await world.value("one")) === `value of ${VersionId}`;
  });
});
