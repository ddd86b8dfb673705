import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { OPERATOR_KEYS, REGION } from "embedded-aws";
import { MACHINE_ARN, NAMES, TOPIC_ARN } from "./deployment.ts";

const KINDS = ["execution", "event", "command", "message", "record", "count", "sample"] as const;
type Kind = (typeof KINDS)[number];
/** Gives the name under which AWS knows the thing, if that is not the given one. */
type Call = (kind: Kind, name: string) => Promise<string | undefined>;

const AT_ONCE = 3;

/** How the clients of this test are made: one attempt, so that what was not answered is known as such. */
export function configFor(endpoint: string) {
  const retries = { maxAttempts: 1, requestHandler: { requestTimeout: 2_000 } };
  return { endpoint, region: REGION, credentials: OPERATOR_KEYS, ...retries };
}

/** Calls of an AWS that may die at any of them, with a note of what it took and of what it left unanswered. */
export class Load {
  readonly #random: () => number;
  /** What was taken, by kind: commands by their IDs, the rest by the name that they were given here. */
  readonly taken = new Map<Kind, Set<string>>(KINDS.map((kind) => [kind, new Set()]));
  /** What may or may not have been taken. */
  readonly unanswered = new Map<Kind, Set<string>>(KINDS.map((kind) => [kind, new Set()]));
  #count = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Makes calls until nobody answers any more. */
  async run(endpoint: string): Promise<void> {
    const call = this.#caller(endpoint);
    const worker = async () => {
      for (;;) {
        const kind = KINDS[Math.floor(this.#random() * KINDS.length)] ?? "execution";
        if (!(await this.#once(kind, call))) return;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** Starts those executions once more whose start nobody answered: a start by the same name starts nothing twice. */
  async startAgain(endpoint: string): Promise<void> {
    const call = this.#caller(endpoint);
    const open = this.unanswered.get("execution") ?? new Set();
    for (const name of open) {
      await call("execution", name);
      this.taken.get("execution")?.add(name);
    }
    open.clear();
  }

  /** @returns whether there was an answer */
  async #once(kind: Kind, call: Call): Promise<boolean> {
    this.#count += 1;
    const name = `${kind}-${this.#count}`;
    try {
      this.taken.get(kind)?.add((await call(kind, name)) ?? name);
      return true;
    } catch (error) {
      // An answer with a status is a refusal, which nothing here deserves; without one, nobody answered.
      if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== undefined) throw error;
      this.unanswered.get(kind)?.add(name);
      return false;
    }
  }

  #caller(endpoint: string): Call {
    const config = configFor(endpoint);
    const dynamodb = new DynamoDBClient(config);
    const events = new EventBridgeClient(config);
    const sfn = new SFNClient(config);
    const sns = new SNSClient(config);
    const ssm = new SSMClient(config);
    const timestream = new TimestreamWriteClient(config);
    const calls: Record<Kind, (name: string) => Promise<unknown>> = {
      async execution(name) {
        try {
          await sfn.send(new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, name, input: "{}" }));
        } catch (error) {
          if (!(error instanceof ExecutionAlreadyExists)) throw error;
        }
      },
      async event(name) {
        const Detail = JSON.stringify({ name });
        const entry = { EventBusName: NAMES.bus, Source: "test", DetailType: "Order", Detail };
        const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries: [entry] }));
        if (FailedEntryCount !== 0)
          throw Object.assign(new Error(`${name} was refused.`), { $metadata: { httpStatusCode: 200 } });
      },
      command: async () => {
        const input = { DocumentName: NAMES.plainDocument, InstanceIds: [NAMES.instance] };
        return (await ssm.send(new SendCommandCommand(input))).Command?.CommandId;
      },
      message: (name) => sns.send(new PublishCommand({ TopicArn: TOPIC_ARN, Message: `message ${name}` })),
      record: (name) => dynamodb.send(new PutItemCommand({ TableName: NAMES.records, Item: { id: { S: name } } })),
      count: () =>
        dynamodb.send(
          new UpdateItemCommand({
            TableName: NAMES.records,
            Key: { id: { S: "counter" } },
            UpdateExpression: "ADD n :one",
            ExpressionAttributeValues: { ":one": { N: "1" } },
          }),
        ),
      sample: (name) =>
        timestream.send(
          new WriteRecordsCommand({
            DatabaseName: NAMES.database,
            TableName: NAMES.series,
            Records: [
              {
                Dimensions: [{ Name: "name", Value: name }],
                ...{ MeasureName: "n", MeasureValue: "1", MeasureValueType: "BIGINT", Time: String(Date.now()) },
              },
            ],
          }),
        ),
    };
    return async (kind, name) => {
      const given = await calls[kind](name);
      return kind === "command" ? String(given) : undefined;
    };
  }
}
