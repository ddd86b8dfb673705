import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  DescribeStateMachineForExecutionCommand,
  ListStateMachineVersionsCommand,
  SFNClient,
  UpdateStateMachineAliasCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessKeyExposed, rotationRequested } from "../../events/index.ts";
import { FLOWS, type FlowName, NAMES } from "../../infra/wiring.ts";
import { deployFlows } from "../../local/deploy-flows.ts";
import { type Orders, startOrders } from "../../local/orders/start-orders.ts";
import { findPrograms } from "../../local/postgres/programs.ts";
import type { PostgresServer } from "../../local/postgres/server.ts";
import { flowArn, liveArn } from "../../local/roles.ts";
import { serverFolder } from "../functions/postgres/under-test.ts";
import { SETTINGS, startTestFleet, type TestFleet, until } from "./support.ts";

const place = serverFolder();
/** The credential beside the fleet; none where there is no PostgreSQL. */
let orders: (Orders & { server: PostgresServer }) | undefined;
let fleet: TestFleet;
let sfn: SFNClient;
let events: EventBridgeClient;
beforeAll(async () => {
  // Keys are due at once and the schedules come each second, so that they, too, start what they start on AWS.
  const settings = { rotateEverySeconds: 1, watchSeconds: { looks: 1, proofs: 3600 } };
  if (!("missing" in findPrograms())) {
    const begun = await startOrders(place.folder, { quietSeconds: 1, deadlineSeconds: 60 }, { outlasts: false });
    if ("missing" in begun) throw new Error(begun.missing);
    orders = begun;
  }
  fleet = await startTestFleet(1, { scheduleSeconds: 1, settings, ...(orders && { orders }) });
  const config = { endpoint: fleet.aws.endpoint, region: fleet.aws.region, credentials: fleet.aws.credentials };
  sfn = new SFNClient(config);
  events = new EventBridgeClient(config);
});
afterAll(async () => {
  await fleet?.close();
  await orders?.server.remove();
  place.remove();
});

const deploy = (pushTimeoutSeconds: number) =>
  deployFlows(sfn, { ...SETTINGS, pushTimeoutSeconds, ...(orders && { credentials: [orders.settings] }) });

async function versionsOf(flow: FlowName): Promise<(string | undefined)[]> {
  const command = new ListStateMachineVersionsCommand({ stateMachineArn: flowArn(flow) });
  const { stateMachineVersions = [] } = await sfn.send(command);
  return stateMachineVersions.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
}

/** The version that a rotation which is started now runs, and how long its definition waits for a push. */
async function started(): Promise<{ version: string | undefined; waits: string | undefined }> {
  const executionArn = await fleet.start({ id: "none" });
  const { stateMachineVersionArn: version } = await fleet.ended(executionArn);
  const { definition = "" } = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  return { version, waits: /"TimeoutSeconds":\s*"\{% (\d+) %\}"/.exec(definition)?.[1] };
}

test("whatever starts a flow starts its alias", async () => {
  const [record] = await fleet.records();
  await fleet.rotate(record?.id ?? "");
  const entry = { EventBusName: NAMES.eventBus, Source: "on-call", DetailType: rotationRequested.detailType };
  const { Entries: [put] = [] } = await events.send(
    new PutEventsCommand({ Entries: [{ ...entry, Detail: JSON.stringify({ id: record?.id }) }] }),
  );
  const rotations = () => fleet.aws.executions.list(flowArn("rotation"), 1000);
  await until(() => rotations().some(({ name }) => name.startsWith(put?.EventId ?? "")), "the event's rotation");
  await until(() => rotations().some(({ name }) => name.includes("-due-")), "a rotation of the schedule's run");
  await until(() => fleet.aws.executions.list(flowArn("watch"), 1)[0], "a look of the schedule's");
  // By hand, as this flow is started.
  await fleet.ended(await fleet.start({ act: "drill" }, "operate"));
  // A detector's event.
  const detail = JSON.stringify({ accessKeyId: "AKIAIOSFODNN7EXAMPLE" });
  const exposed = { ...entry, DetailType: accessKeyExposed.detailType, Detail: detail };
  await events.send(new PutEventsCommand({ Entries: [exposed] }));
  await until(() => fleet.aws.executions.list(flowArn("exposed-key"), 1)[0], "the execution of an exposed key");
  // The first rotation of a secret that is new.
  if (orders) await until(() => fleet.aws.executions.list(flowArn("credential"), 1)[0], "a rotation of the credential");
  for (const { name } of FLOWS) {
    if (name === "credential" && orders === undefined) continue;
    const executions = fleet.aws.executions.list(flowArn(name), 1000);
    const startedBy = new Set(executions.map(({ aliasArn, versionArn }) => `${aliasArn} ${versionArn}`));
    expect(startedBy).toEqual(new Set([`${liveArn(name)} ${flowArn(name)}:1`]));
  }
});

test("a deployment makes versions of what it changes, and going back runs what was", async () => {
  const [first, second] = [`${flowArn("rotation")}:1`, `${flowArn("rotation")}:2`];
  await deploy(20);
  for (const { name } of FLOWS) expect(await versionsOf(name)).toEqual([`${flowArn(name)}:1`]);

  await deploy(21);
  expect(await versionsOf("rotation")).toEqual([second, first]);
  expect(await versionsOf("fleet-rotation")).toEqual([`${flowArn("fleet-rotation")}:1`]);
  expect(await started()).toEqual({ version: second, waits: "21" });

  const routingConfiguration = [{ stateMachineVersionArn: first, weight: 100 }];
  const goBack = { stateMachineAliasArn: liveArn("rotation"), routingConfiguration };
  await sfn.send(new UpdateStateMachineAliasCommand(goBack));
  expect(await started()).toEqual({ version: first, waits: "20" });

  await deploy(21);
  expect(await versionsOf("rotation")).toEqual([second, first]);
  expect(await started()).toEqual({ version: second, waits: "21" });
});
