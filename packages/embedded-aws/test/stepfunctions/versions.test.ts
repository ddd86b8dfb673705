import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateStateMachineAliasCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ListExecutionsCommand,
  ListStateMachineVersionsCommand,
  PublishStateMachineVersionCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../src/store.ts";
import { openWorld, type World } from "./world.ts";

// What is expected is AWS's, as recorded for localstack's tests of aliases and versions, where such a recording is.

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const says = (what: number) => ({ A: { Type: "Pass", Output: what, End: true } });
const definition = (states: object) =>
  JSON.stringify({ QueryLanguage: "JSONata", StartAt: Object.keys(states)[0], States: states });

const publish = async (stateMachineArn: string, more: { revisionId?: string; description?: string } = {}) => {
  const command = new PublishStateMachineVersionCommand({ stateMachineArn, ...more });
  return (await world.client.send(command)).stateMachineVersionArn ?? "";
};
const update = (stateMachineArn: string, states: object) =>
  world.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition: definition(states) }));
const to = (stateMachineVersionArn: string, weight = 100) => ({ stateMachineVersionArn, weight });
const alias = async (name: string, ...routingConfiguration: ReturnType<typeof to>[]) => {
  const command = new CreateStateMachineAliasCommand({ name, routingConfiguration });
  return (await world.client.send(command)).stateMachineAliasArn ?? "";
};
const point = (stateMachineAliasArn: string, ...routingConfiguration: ReturnType<typeof to>[]) =>
  world.client.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, routingConfiguration }));
const versions = async (
  stateMachineArn: string,
  more: { maxResults?: number; nextToken?: string | undefined } = {},
) => {
  const { stateMachineVersions = [], nextToken } = await world.client.send(
    new ListStateMachineVersionsCommand({ stateMachineArn, ...more }),
  );
  return { numbers: stateMachineVersions.map(({ stateMachineVersionArn = "" }) => stateMachineVersionArn), nextToken };
};
const start = async (stateMachineArn: string, name?: string) => {
  const { executionArn = "" } = await world.client.send(new StartExecutionCommand({ stateMachineArn, name }));
  return executionArn;
};
const outputOf = async (stateMachineArn: string) => (await world.ended(await start(stateMachineArn))).output;

test("versions are numbered, and a revision has one at most", async () => {
  const machine = await world.machine(says(1));
  expect(await publish(machine)).toBe(`${machine}:1`);
  expect(await publish(machine)).toBe(`${machine}:1`);
  await update(machine, says(1));
  expect(await publish(machine), "nothing was changed").toBe(`${machine}:1`);
  await update(machine, says(2));
  expect(await publish(machine)).toBe(`${machine}:2`);
  await update(machine, says(1));
  expect(await publish(machine)).toBe(`${machine}:3`);

  expect((await versions(machine)).numbers).toEqual([`${machine}:3`, `${machine}:2`, `${machine}:1`]);
  const { numbers, nextToken } = await versions(machine, { maxResults: 2 });
  expect(numbers).toEqual([`${machine}:3`, `${machine}:2`]);
  expect(await versions(machine, { maxResults: 2, nextToken })).toEqual({ numbers: [`${machine}:1`] });
});

test("a version stays what the machine was", async () => {
  const machine = await world.machine(says(1));
  const version = await publish(machine, { description: "the first" });
  const { revisionId } = await update(machine, says(2));
  const describe = (stateMachineArn: string) => world.client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(await describe(version)).toMatchObject({
    ...{ stateMachineArn: version, name: "machine-1", definition: definition(says(1)), description: "the first" },
  });
  expect(await describe(machine)).toMatchObject({
    stateMachineArn: machine,
    definition: definition(says(2)),
    revisionId,
  });
});

test("only the revision that is asked for is published", async () => {
  const machine = await world.machine(says(1));
  const { revisionId: second = "" } = await update(machine, says(2));
  expect(await publish(machine, { revisionId: second })).toBe(`${machine}:1`);
  const { revisionId: third } = await update(machine, says(3));
  await expect(publish(machine, { revisionId: second })).rejects.toMatchObject({
    name: "ConflictException",
    message:
      `Failed to publish the State Machine version for revision ${second}. ` +
      `The current State Machine revision is ${third}.`,
  });
});

test("a start by alias runs the version that it names, and going back works", async () => {
  const machine = await world.machine(says(1));
  const live = await alias("live", to(await publish(machine)));
  expect(live).toBe(`${machine}:live`);
  await update(machine, says(2));
  expect(await outputOf(machine)).toBe(2);
  expect(await outputOf(live), "the alias still names the first version").toBe(1);
  expect(await outputOf(`${machine}:1`)).toBe(1);

  const second = await publish(machine);
  await point(live, to(second));
  expect(await outputOf(live)).toBe(2);
  await point(live, to(`${machine}:1`));
  expect(await outputOf(live)).toBe(1);
  expect(await outputOf(second)).toBe(2);
});

test("an execution tells what it was started by, and keeps to it", async () => {
  const waits = { W: { Type: "Wait", Seconds: 60, Next: "A" }, ...says(1) };
  const machine = await world.machine(waits);
  const version = await publish(machine);
  const live = await alias("live", to(version));
  const [plain, byVersion, byAlias] = [await start(machine), await start(version), await start(live)];
  await update(machine, says(2));
  await point(live, to(await publish(machine)));
  const [raised] = await Promise.all([plain, byVersion, byAlias].map((arn) => world.until(arn, "WaitStateEntered")));
  expect(raised?.type).toBe("WaitStateEntered");
  world.clock.advance(60_000);

  const describe = async (executionArn: string) => {
    await world.ended(executionArn);
    const command = new DescribeExecutionCommand({ executionArn });
    const { stateMachineArn, stateMachineVersionArn, stateMachineAliasArn, output } = await world.client.send(command);
    return [stateMachineArn, stateMachineVersionArn, stateMachineAliasArn, output];
  };
  expect(await describe(plain)).toEqual([machine, undefined, undefined, "1"]);
  expect(await describe(byVersion)).toEqual([machine, version, undefined, "1"]);
  expect(await describe(byAlias)).toEqual([machine, version, live, "1"]);
  const { definition: kept, stateMachineArn } = await world.client.send(
    new DescribeStateMachineForExecutionCommand({ executionArn: byAlias }),
  );
  expect([stateMachineArn, kept]).toEqual([machine, definition(waits)]);
  const [first] = await world.history(byAlias);
  expect(first?.executionStartedEventDetails).toMatchObject({
    stateMachineVersionArn: version,
    stateMachineAliasArn: live,
  });

  const listed = async (arn: string) => {
    const { executions = [] } = await world.client.send(new ListExecutionsCommand({ stateMachineArn: arn }));
    return executions.map((one) => [one.executionArn, one.stateMachineVersionArn, one.stateMachineAliasArn]);
  };
  expect(await listed(machine)).toEqual([
    [byAlias, version, live],
    [byVersion, version, undefined],
    [plain, undefined, undefined],
  ]);
  expect(await listed(version)).toEqual([
    [byAlias, version, live],
    [byVersion, version, undefined],
  ]);
  expect(await listed(live)).toEqual([[byAlias, version, live]]);
});

test("an Express machine is started by alias, too", async () => {
  const machine = await world.machine(says(1), { type: "EXPRESS" });
  const live = await alias("live", to(await publish(machine)));
  await update(machine, says(2));
  const { output, stateMachineArn } = await world.client.send(new StartSyncExecutionCommand({ stateMachineArn: live }));
  expect([stateMachineArn, output]).toEqual([machine, "1"]);
});

test("a Task starts an execution by alias", async () => {
  const machine = await world.machine(says(1));
  const live = await alias("live", to(await publish(machine)));
  await update(machine, says(2));
  const { output } = await world.run({
    S: {
      ...{ Type: "Task", Resource: "arn:aws:states:::states:startExecution.sync:2", End: true },
      Arguments: { StateMachineArn: live },
    },
  });
  expect(output).toMatchObject({
    ...{ Output: 1, StateMachineArn: machine, StateMachineVersionArn: `${machine}:1`, StateMachineAliasArn: live },
  });
});

test("the event of an execution tells its version and alias", async () => {
  const machine = await world.machine(says(1));
  const live = await alias("live", to(await publish(machine)));
  await world.ended(await start(live, "by-alias"));
  expect(world.details.find(({ name }) => name === "by-alias")).toMatchObject({
    stateMachineArn: machine,
    stateMachineVersionArn: `${machine}:1`,
    stateMachineAliasArn: live,
  });
});

test("an alias is created once: again the same is the same, and something else a conflict", async () => {
  const machine = await world.machine(says(1));
  const first = await publish(machine);
  await update(machine, says(2));
  const second = await publish(machine);
  expect(await alias("live", to(first))).toBe(await alias("live", to(first)));
  await expect(alias("live", to(second))).rejects.toMatchObject({
    name: "ConflictException",
    message:
      "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
  });
  expect(await outputOf(`${machine}:live`)).toBe(1);
});

test("what is no alias, no version or no route is refused", async () => {
  const [machine, other] = [await world.machine(says(1)), await world.machine(says(1))];
  const version = await publish(machine);
  const live = await alias("live", to(version));
  const gone = { name: "StateMachineDoesNotExist" };
  await expect(start(`${machine}:nobody`)).rejects.toMatchObject(gone);
  await expect(start(`${machine}:9`)).rejects.toMatchObject(gone);
  await expect(publish(version)).rejects.toMatchObject(gone);
  await expect(update(live, says(2))).rejects.toMatchObject(gone);

  const absent = { name: "ResourceNotFound", message: "Request references a resource that does not exist." };
  await expect(point(`${machine}:nobody`, to(version))).rejects.toMatchObject(absent);
  await expect(point(live, to(`${machine}:9`))).rejects.toMatchObject(absent);
  const invalid = (message: string) => ({ name: "ValidationException", message: expect.stringContaining(message) });
  await expect(point(live, to(await publish(other)))).rejects.toMatchObject(invalid("its own state machine"));
  await expect(point(live, to(machine))).rejects.toMatchObject(
    invalid(`Routing configuration must contain state machine version ARNs. Received: [${machine}]`),
  );
  await expect(point(live, to(version, 99))).rejects.toMatchObject(
    invalid("Sum of routing configuration weights must equal 100. Received: [99]"),
  );
  await update(machine, says(2));
  await expect(point(live, to(version, 50), to(await publish(machine), 50))).rejects.toMatchObject(
    invalid("one version only"),
  );
  await expect(point(live)).rejects.toMatchObject(invalid("length from 1 to 2"));
  await expect(
    world.client.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn: live })),
  ).rejects.toMatchObject(invalid("must be specified"));
  for (const name of ["123", "with space", "!invalid", "A".repeat(81)]) {
    await expect(alias(name, to(version)), name).rejects.toMatchObject({ name: "ValidationException" });
  }
  expect(await outputOf(live)).toBe(1);
});

test("a folder from before there were versions goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "embedded-aws-versions-"));
  try {
    const before = await openWorld({ folder });
    const executionArn = await before.begin({ W: { Type: "Wait", Seconds: 60, Next: "A" }, ...says(1) });
    await before.until(executionArn, "WaitStateEntered");
    await before.close();
    const store = new Store(folder);
    for (const column of ["versionArn", "aliasArn"]) store.db.exec(`ALTER TABLE sfn_executions DROP COLUMN ${column}`);
    for (const table of ["sfn_versions", "sfn_aliases"]) store.db.exec(`DROP TABLE ${table}`);
    store.close();

    const after = await openWorld({ folder, clock: before.clock });
    after.clock.advance(60_000);
    expect((await after.ended(executionArn)).output).toBe(1);
    await after.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an alias keeps its description when only its version changes, and the other way round", async () => {
  const arn = await world.machine(says(1));
  const first = await publish(arn);
  const stateMachineAliasArn = await alias("live", to(first));
  const describe = (description: string) =>
    world.client.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, description }));
  await describe("what runs");
  await point(stateMachineAliasArn, to(first));
  const again = (description: string) =>
    world.client.send(
      new CreateStateMachineAliasCommand({ name: "live", description, routingConfiguration: [to(first)] }),
    );
  await expect(again("")).rejects.toMatchObject({ name: "ConflictException" });
  await again("what runs");
  await expect(describe("x".repeat(257))).rejects.toMatchObject({ name: "ValidationException" });
  await update(arn, says(2));
  await expect(publish(arn, { description: "x".repeat(257) })).rejects.toMatchObject({ name: "ValidationException" });
});
