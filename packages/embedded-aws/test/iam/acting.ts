import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateEventBusCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, beforeEach } from "vitest";
import {
  ACCOUNT,
  type AuthorizationRecord,
  arnOf,
  type EmbeddedAws,
  type Statement,
  startAws,
} from "../../src/index.ts";

// An AWS of its own for each file that imports this, and whoever acts in it.

export const machine = (name: string) => arnOf("states", `stateMachine:${name}`);
export const executions = (name: string) => arnOf("states", `execution:${name}`);
export const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
export const RULE = arnOf("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule");

export function allow(Action: string | string[], Resource: string | string[] = "*"): Statement {
  return { Effect: "Allow", Action: [Action].flat(), Resource: [Resource].flat() };
}

export let folder = "";
export let aws: EmbeddedAws;
export let sfn: SFNClient;
export let events: EventBridgeClient;
export let kms: KMSClient;
export let sns: SNSClient;
export const checked: AuthorizationRecord[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  writeFileSync(join(folder, "echo.mjs"), "export const handler = async (event) => event ?? null;");
  aws = await startAws({ folder, onAuthorized: (record) => checked.push(record) });
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials, maxAttempts: 1 };
  sfn = new SFNClient({ ...config, disableHostPrefix: true });
  events = new EventBridgeClient(config);
  kms = new KMSClient(config);
  sns = new SNSClient(config);
  await events.send(new CreateEventBusCommand({ Name: "own" }));
  aws.functions.define({ name: "echo", modulePath: join(folder, "echo.mjs") });
  aws.resume();
});

afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  checked.length = 0;
});

/** What was checked of whoever has a role, and whether he may: `+states:StartExecution ARN`. */
export function checkedOf(name: string): string[] {
  const of = checked.filter(
    ({ principal }) => principal.arn.includes(`:assumed-role/${name}/`) || principal.arn === name,
  );
  return of.map(({ action, resource, allowed }) => `${allowed ? "+" : "-"}${action} ${resource}`);
}

export async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Makes a state machine of one state, starts it, and waits for its end. */
export async function run(name: string, state: object, end?: (executionArn: string) => Promise<unknown>) {
  const definition = { QueryLanguage: "JSONata", StartAt: "Only", States: { Only: { ...state, End: true } } };
  const roleArn = role(`${name}-role`);
  await sfn.send(new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) }));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine(name) }));
  await end?.(executionArn ?? "");
  return until(async () => {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return described.status === "RUNNING" ? undefined : described;
  });
}
