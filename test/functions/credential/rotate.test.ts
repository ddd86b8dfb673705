import { describe, expect, test } from "vitest";
import type { ExecutionEnd } from "../../../functions/clients/executions.ts";
import { contract } from "../../../functions/credential/rotate/contract.ts";
import { rotate } from "../../../functions/credential/rotate/step.ts";
import { tryName } from "../../../functions/credential/tries.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";
import { type CredentialWorld, credentialWorld, FIRST, SECRET, THIRD, TOKEN } from "./support.ts";

const ARN = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${SECRET}-a1B2c3`;
const rotation = { secret: SECRET, token: TOKEN };
/** Lambda ends it then. */
const LIFE_MS = contract.timeoutSeconds * 1000;

type Step = InputOf<typeof contract>["Step"];

/**
 * Secrets Manager calls for a step. While it waits, time goes by.
 *
 * @param meanwhile what happens at each wait, which is counted from 1
 */
function call(world: CredentialWorld, Step: Step, meanwhile: (wait: number) => unknown = () => undefined) {
  let waits = 0;
  const wait = async (ms: number) => {
    world.clock.at += ms;
    waits += 1;
    await meanwhile(waits);
  };
  return rotate({ Step, SecretId: ARN, ClientRequestToken: TOKEN }, { ...world, wait });
}

const names = ({ executions }: CredentialWorld) => executions.started.map(({ name }) => name);

function end(
  { executions }: CredentialWorld,
  status: ExecutionEnd["status"],
  { error = "", cause = "", n = 1 as number | "test" } = {},
): void {
  const one = executions.started.find(({ name }) => name === tryName(rotation, n));
  if (one === undefined) throw new Error(`there is no try ${n}`);
  Object.assign(one, { ended: true, end: { status, error, cause } });
}

const mismatch = { error: "Keyturn.MISMATCH", cause: "The credential was not turned: MISMATCH in VerifyCredential." };

describe("createSecret", () => {
  test("starts the execution of its token, however often it is called", async () => {
    const world = await credentialWorld();
    for (let calls = 0; calls < 3; calls += 1) expect(await call(world, "createSecret")).toEqual({});
    expect(world.executions.started).toEqual([
      { flow: "credential", name: tryName(rotation, 1), input: { ...rotation, trigger: "secretsmanager" } },
    ]);
  });

  test("starts none after one that succeeded", async () => {
    const world = await credentialWorld();
    await call(world, "createSecret");
    end(world, "SUCCEEDED");
    await call(world, "createSecret");
    expect(names(world)).toEqual([tryName(rotation, 1)]);
  });

  test.each(["FAILED", "TIMED_OUT", "ABORTED"] as const)("starts the next after one that %s", async (status) => {
    const world = await credentialWorld();
    await call(world, "createSecret");
    end(world, status);
    await call(world, "createSecret");
    await call(world, "createSecret");
    expect(names(world)).toEqual([tryName(rotation, 1), tryName(rotation, 2)]);
  });

  test("starts none after one that failed and has freed the secret, or whose version is current", async () => {
    const world = await credentialWorld();
    await call(world, "createSecret");
    end(world, "FAILED", mismatch);
    await world.secrets.dropPending(SECRET, TOKEN);
    await call(world, "createSecret");
    world.secrets.begin(SECRET, TOKEN);
    await world.turn();
    await call(world, "createSecret");
    expect(names(world)).toHaveLength(1);
  });
});

test("setSecret does nothing: the execution does", async () => {
  const world = await credentialWorld();
  expect(await call(world, "setSecret")).toEqual({});
  expect(names(world)).toEqual([]);
});

describe("testSecret", () => {
  test("does nothing where an execution stands behind it, also one that is not to be seen at once", async () => {
    const world = await credentialWorld();
    await call(world, "testSecret", (wait) => wait === 1 && call(world, "createSecret"));
    await call(world, "testSecret");
    expect(names(world)).toEqual([tryName(rotation, 1)]);
  });

  test("by itself it asks whether the current credential is accepted, and turns nothing", async () => {
    const world = await credentialWorld();
    expect(await call(world, "testSecret", (wait) => wait === 4 && end(world, "SUCCEEDED", { n: "test" }))).toEqual({});
    expect(world.executions.started).toMatchObject([
      { name: tryName(rotation, "test"), input: { ...rotation, test: true } },
    ]);
  });

  test("fails with what the authority said, where it is not", async () => {
    const world = await credentialWorld();
    const testing = call(world, "testSecret", (wait) => wait === 3 && end(world, "FAILED", { ...mismatch, n: "test" }));
    await expect(testing).rejects.toMatchObject({ name: "RotationFailed", message: expect.stringMatching("MISMATCH") });
  });

  test("says before its own time is over that it goes on", async () => {
    const world = await credentialWorld();
    const began = world.now();
    await expect(call(world, "testSecret")).rejects.toMatchObject({ name: "RotationUnderWay" });
    expect(world.now() - began).toBeLessThan(LIFE_MS - 10_000);
  });
});

describe("finishSecret", () => {
  test("waits until the version is current, however long the execution goes on after that", async () => {
    const world = await credentialWorld();
    await call(world, "createSecret");
    let waits = 0;
    await call(world, "finishSecret", (wait) => {
      waits = wait;
      return wait === 5 && world.turn();
    });
    expect(waits).toBe(5);
    await call(world, "finishSecret", () => {
      throw new Error("it is current already");
    });
  });

  test("fails with the error and the sentence of the last execution that ended", async () => {
    const world = await credentialWorld();
    await call(world, "createSecret");
    end(world, "FAILED", { error: "Keyturn.PushFailed", cause: "Not this one." });
    await call(world, "createSecret");
    const finishing = call(world, "finishSecret", (wait) => wait === 2 && end(world, "FAILED", { ...mismatch, n: 2 }));
    const message = `The rotation of ${SECRET} failed in the execution ${tryName(rotation, 2)}: ${mismatch.error}: ${mismatch.cause}`;
    await expect(finishing).rejects.toMatchObject({ name: "RotationFailed", message });
  });

  test.each(["TIMED_OUT", "ABORTED"] as const)("fails with how one ended that says nothing: %s", async (status) => {
    const world = await credentialWorld();
    await call(world, "createSecret");
    end(world, status);
    await expect(call(world, "finishSecret")).rejects.toMatchObject({
      name: "RotationFailed",
      message: expect.stringMatching(new RegExp(`: ${status}$`)),
    });
  });

  test("fails where the label was taken off or put on another version, and says so", async () => {
    const moves = [
      (world: CredentialWorld) => world.secrets.dropPending(SECRET, TOKEN),
      (world: CredentialWorld) => world.secrets.begin(SECRET, THIRD),
    ];
    for (const move of moves) {
      const world = await credentialWorld();
      await call(world, "createSecret");
      await move(world);
      const finishing = call(world, "finishSecret");
      await expect(finishing).rejects.toMatchObject({
        name: "RotationFailed",
        message: expect.stringMatching("pending"),
      });
    }
  });

  test("waits for labels that lag behind an execution that has ended", async () => {
    const world = await credentialWorld();
    await call(world, "createSecret");
    const catchUp = world.secrets.fallBehind();
    await world.secrets.putPending(SECRET, TOKEN, world.valueFor(TOKEN, "orders_b"));
    await world.secrets.promote(SECRET, TOKEN, { from: FIRST });
    end(world, "SUCCEEDED");
    await call(world, "finishSecret", (wait) => wait === 2 && catchUp());
  });

  test("says before its own time is over that the execution goes on", async () => {
    const world = await credentialWorld();
    await call(world, "createSecret");
    const began = world.now();
    let looks = 0;
    const secrets = { ...world.secrets, stages: (name: string) => ++looks && world.secrets.stages(name) };
    const finishing = call({ ...world, secrets: secrets as CredentialWorld["secrets"] }, "finishSecret");
    await expect(finishing).rejects.toMatchObject({ name: "RotationUnderWay" });
    expect(world.now() - began).toBeLessThan(LIFE_MS - 10_000);
    expect(world.now() - began).toBeGreaterThan(LIFE_MS / 2);
    expect(looks).toBeLessThan(80);
  });

  test("fails where nothing stands behind it", async () => {
    const world = await credentialWorld();
    const finishing = call(world, "finishSecret");
    await expect(finishing).rejects.toMatchObject({ message: expect.stringMatching("no execution") });
  });

  test("a cause is one line, and no longer than people read", async () => {
    const world = await credentialWorld();
    await call(world, "createSecret");
    end(world, "FAILED", { error: "Keyturn.SecretUnfit", cause: `a\nb${"c".repeat(5000)}` });
    const error = await call(world, "finishSecret").catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(/^[^\n]{1,700}$/);
  });
});

describe("which credential it is", () => {
  const create = (world: CredentialWorld, SecretId: string) =>
    rotate({ Step: "createSecret", SecretId, ClientRequestToken: TOKEN }, { ...world, wait: async () => undefined });

  test.each([ARN, SECRET, ARN.replace("arn:aws:", "arn:aws-cn:"), ARN.replace("a1B2c3", "ABCDEF")])(
    "%s",
    async (id) => {
      const world = await credentialWorld();
      await create(world, id);
      expect(names(world)).toEqual([tryName(rotation, 1)]);
    },
  );

  test.each([
    ARN.slice(0, -7),
    `${ARN}-a1B2c3`,
    ARN.replace(SECRET, "orders/db-2"),
    ARN.replace("secretsmanager", "s3"),
    "x",
  ])("none of the settings: %s", async (id) => {
    const world = await credentialWorld();
    await expect(create(world, id)).rejects.toMatchObject({ name: "UnknownCredential" });
    expect(names(world)).toEqual([]);
  });
});
