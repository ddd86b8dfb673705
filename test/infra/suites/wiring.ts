import { describe, expect, test } from "vitest";
import { type AwsClients, deployData, environmentOf } from "../../../local/deploy-data.ts";
import { deployFlows, deployFunctions, deployRules } from "../../../local/deploy-flows.ts";
import type { Synthesized } from "../synthesized.ts";

const SETTINGS = {
  sampleIntervalSeconds: 60,
  rotateEverySeconds: 86_400,
  allowedSkewSeconds: 60,
  nonceMode: "hmac",
  timeSeries: "timestream",
  formerTimeSeries: "none",
  pushTimeoutSeconds: 900,
  watchSeconds: { looks: 300, proofs: 3600 },
} as const;

/** What the embedded AWS sets up, as the calls that it makes for it. */
async function localDeployment() {
  const calls: { name: string; input: Record<string, unknown> }[] = [];
  const defined: Record<string, unknown>[] = [];
  const client = {
    async send(command: { constructor: { name: string }; input: Record<string, unknown> }) {
      calls.push({ name: command.constructor.name.replace(/Command$/, ""), input: command.input });
      return { KeyMetadata: { Arn: "arn" }, TopicArn: "arn", Table: { TableStatus: "ACTIVE" } };
    },
  };
  const clients = new Proxy({}, { get: () => client }) as AwsClients;
  const settings = environmentOf(await deployData(clients, SETTINGS), SETTINGS);
  deployFunctions({ define: (one: Record<string, unknown>) => defined.push(one) } as never, settings);
  await deployFlows(client as never, SETTINGS);
  await deployRules(client as never, { fleet: 60, watch: 300 });
  const inputsOf = (name: string) => calls.filter((call) => call.name === name).map(({ input }) => input);
  return { inputsOf, defined, settings };
}

/** What runs on this machine and what is deployed are the same. */
export function wiring(given: Synthesized): void {
  const same = (what: string) => `Take ${what} of the deployment and of local/ from one place, such as infra/wiring.ts`;
  const namesOf = (type: string, property: string) => given.ofType(type).map(([, one]) => one.Properties[property]);

  describe("the embedded AWS and the template", () => {
    test("have the same functions, with the same variables and time limits", async () => {
      const { defined } = await localDeployment();
      const message = same("functions, their variables and limits");
      const local = defined.map(({ name, environment, timeoutSeconds }) => [
        name,
        Object.keys(environment as object).sort(),
        timeoutSeconds,
      ]);
      const deployed = given
        .ofType("AWS::Lambda::Function")
        .map(([, { Properties }]) => [
          Properties.FunctionName,
          Object.keys((Properties.Environment as { Variables: object } | undefined)?.Variables ?? {}).sort(),
          Properties.Timeout,
        ]);
      expect(local.sort(), message).toEqual(deployed.sort());
    });

    test("have the same table of records", async () => {
      const { inputsOf } = await localDeployment();
      const local = inputsOf("CreateTable").find(({ KeySchema }) => KeySchema !== undefined);
      const [, { Properties }] = given.one("AWS::DynamoDB::Table", "TableName", "keyturn-instances");
      const message = same("the table's keys and indexes");
      expect(Properties.KeySchema, message).toEqual(local?.KeySchema);
      expect(Properties.GlobalSecondaryIndexes, message).toEqual(local?.GlobalSecondaryIndexes);
      const attributes = (given: unknown) => new Set((given as object[]).map((one) => JSON.stringify(one)));
      expect(attributes(Properties.AttributeDefinitions), message).toEqual(attributes(local?.AttributeDefinitions));
    });

    test("have the same time series, topic, bus and keys", async () => {
      const { inputsOf } = await localDeployment();
      const series = inputsOf("CreateTable").find(({ DatabaseName }) => DatabaseName !== undefined);
      const [, table] = given.ofType("AWS::Timestream::Table")[0] ?? [];
      const message = same("the names of series, topic, bus and keys");
      expect(series, message).toEqual({
        DatabaseName: table?.Properties.DatabaseName,
        TableName: table?.Properties.TableName,
      });
      expect(
        inputsOf("CreateTopic").map(({ Name }) => Name),
        message,
      ).toEqual(namesOf("AWS::SNS::Topic", "TopicName"));
      expect(inputsOf("CreateEventBus"), message).toEqual([{ Name: namesOf("AWS::Events::EventBus", "Name")[0] }]);
      const aliases = namesOf("AWS::KMS::Alias", "AliasName");
      for (const { KeyId } of inputsOf("DescribeKey")) expect(aliases, message).toContain(KeyId);
    });

    test("have the same state machines", async () => {
      const { inputsOf } = await localDeployment();
      const local = inputsOf("CreateStateMachine").map(({ name, type }) => [name, type]);
      const deployed = given
        .ofType("AWS::StepFunctions::StateMachine")
        .map(([, { Properties }]) => [Properties.StateMachineName, Properties.StateMachineType ?? "STANDARD"]);
      expect(local.sort(), same("the state machines")).toEqual(deployed.sort());
    });

    test("have the same rules, which hand on the same", async () => {
      const { inputsOf } = await localDeployment();
      const local = inputsOf("PutRule").filter(({ EventPattern }) => EventPattern !== undefined);
      const targets = inputsOf("PutTargets");
      const rulesHere = local.map(({ Name, EventBusName, EventPattern }) => {
        const [target] = (targets.find(({ Rule }) => Rule === Name)?.Targets ?? []) as Record<string, unknown>[];
        return [Name, EventBusName, plain(JSON.parse(String(EventPattern))), target?.InputTransformer];
      });
      const deployed = given.ofType("AWS::Events::Rule").map(([, { Properties }]) => {
        const [target] = Properties.Targets as Record<string, unknown>[];
        const bus = Properties.EventBusName === undefined ? "default" : "keyturn";
        return [Properties.Name, bus, plain(Properties.EventPattern), target?.InputTransformer];
      });
      expect(rulesHere.sort(), same("the rules")).toEqual(deployed.sort());
    });
  });
}

/** A pattern without the accounts and Regions that differ in it. */
function plain(pattern: unknown): unknown {
  const place = /arn:[^:]*:states:[^:]*(::[^:]*)?:[^:]*(::[^:]*)?:stateMachine:/g;
  return JSON.parse(
    JSON.stringify(pattern)
      .replace(/\$\{AWS::\w+\}/g, "x")
      .replace(place, "arn:stateMachine:"),
  );
}
