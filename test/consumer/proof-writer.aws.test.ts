import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { QueryCommand as TimestreamQuery, TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { ACCOUNT, OPERATOR_KEYS, REGION } from "embedded-aws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proofsIn } from "../../consumer/proof-writer.chosen.ts";
import type { ProofWriter } from "../../consumer/proof-writer.ts";
import { roleIdentity } from "../../consumer/role.ts";
import { dynamoSeries } from "../../functions/clients/time-series.dynamodb.ts";
import { timestreamSeries } from "../../functions/clients/time-series.timestream.ts";
import { NAMES } from "../../infra/wiring.ts";
import {
  instanceArn,
  readUse,
  readUseItem,
  type SampleStore,
  USES_IN_TIMESTREAM,
  type Use,
  type UseWriter,
  useKeysOf,
  useProof,
} from "../../protocol/index.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";
import { holdsMark, MARK } from "./marked.ts";
import { proofWriterSuite } from "./proof-writer.suite.ts";

// The real writers, with the credentials and the rights that the instances of a fleet have, and no others. What a role may
// write, AWS says by its own ARN: here the operator writes for it.

const PLACE = { partition: "aws", region: REGION, account: ACCOUNT };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/apps/partner`;
const STORES = {
  dynamodb: { kind: "dynamodb", table: NAMES.seriesTable },
  timestream: { kind: "timestream", database: NAMES.timestreamDatabase, table: NAMES.timestreamTable },
} as const satisfies Record<string, SampleStore>;

let fleet: TestFleet;
/** What went over the wire to the series. */
const traffic: string[] = [];
/** Two instances. */
let here: string;
let there: string;
let dynamodb: DynamoDBClient;
let timestream: TimestreamQueryClient;
const saved = process.env.AWS_ENDPOINT_URL;

beforeAll(async () => {
  fleet = await startTestFleet(2, {
    settings: { timeSeries: "dynamodb", formerTimeSeries: "timestream" },
    onTraffic: ({ request, response }) => traffic.push(`${request.url} ${request.body} ${response?.body}`),
  });
  process.env.AWS_ENDPOINT_URL = fleet.aws.endpoint;
  [here = "", there = ""] = (await fleet.records()).map(({ ec2InstanceId }) => ec2InstanceId);
  const { endpoint, region, credentials } = fleet.aws;
  dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  timestream = new TimestreamQueryClient({ endpoint, region, credentials });
});
afterAll(async () => {
  if (saved === undefined) delete process.env.AWS_ENDPOINT_URL;
  else process.env.AWS_ENDPOINT_URL = saved;
  await fleet.close();
});

/** A writer that signs as one instance, and says that it is this one. */
function writerAs(store: SampleStore, signing: string, saying = signing): ProofWriter {
  const identity = async () => ({ ...PLACE, ec2InstanceId: saying });
  return proofsIn(store, { identity, credentials: fleet.aws.credentialsOf(signing) });
}

/** A writer of a consumer that runs on no instance. */
function writerOfRole(store: SampleStore): ProofWriter {
  return proofsIn(store, { identity: roleIdentity({ roleArn: ROLE, region: REGION }), credentials: OPERATOR_KEYS });
}

async function inDynamodb(secret: string, { role, ec2InstanceId = "" }: UseWriter): Promise<Use[]> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: STORES.dynamodb.table,
      KeyConditionExpression: "instanceArn = :arn AND begins_with(idAndTime, :uses)",
      ExpressionAttributeValues: {
        ":arn": { S: role ?? instanceArn(PLACE, ec2InstanceId) },
        ":uses": { S: useKeysOf(secret) },
      },
    }),
  );
  return Items.flatMap(({ instanceArn, idAndTime, timeMs, proof }) => {
    const fields = { instanceArn: instanceArn?.S, idAndTime: idAndTime?.S, timeMs: Number(timeMs?.N), proof: proof?.S };
    return readUseItem(fields) ?? [];
  });
}

async function inTimestream(secret: string, by: UseWriter): Promise<Use[]> {
  const { database, table } = STORES.timestream;
  const { measureName, dimensions } = USES_IN_TIMESTREAM;
  const writer = by.role === undefined ? "ec2InstanceId" : "role";
  const { Rows = [] } = await timestream.send(
    new TimestreamQuery({
      QueryString:
        `SELECT ${writer}, ${dimensions.join(", ")}, proof, time FROM "${database}"."${table}" ` +
        `WHERE ${writer} = '${by[writer]}' AND secret = '${secret}' AND measure_name = '${measureName}' ORDER BY time ASC`,
    }),
  );
  const uses = Rows.flatMap(({ Data = [] }) => {
    const [writtenBy, name, consumer, versionId, proof, time] = Data.map((datum) => datum.ScalarValue);
    const timeMs = Date.parse(`${time?.slice(0, 23).replace(" ", "T")}Z`);
    return readUse({ [writer]: writtenBy, secret: name, consumer, versionId, proof, timeMs }) ?? [];
  });
  return [...new Map(uses.map((use) => [`${use.consumer} ${use.versionId}`, use])).values()];
}

const IN = { dynamodb: inDynamodb, timestream: inTimestream };

describe.each(["dynamodb", "timestream"] as const)("use proofs in %s", (store) => {
  describe("of an instance", () =>
    proofWriterSuite(() => {
      const by = { ec2InstanceId: here };
      return { writer: writerAs(STORES[store], here), by, lastUses: (secret) => IN[store](secret, by) };
    }));
  describe("of a role", () =>
    proofWriterSuite(() => {
      const by = { role: ROLE };
      return { writer: writerOfRole(STORES[store]), by, lastUses: (secret) => IN[store](secret, by) };
    }));
});

const NAMED = { secret: "orders/db", consumer: "web-1", versionId: "7d9b318d-7543-4923-813d-660b51a4553f" };

function useNow() {
  const use = { ...NAMED, timeMs: Date.now() };
  return { ...use, proof: useProof({ ...use, credential: MARK }) };
}

test("in DynamoDB an instance may write its own uses, and nobody else's, nor a role's", async () => {
  const identity = roleIdentity({ roleArn: ROLE, region: REGION });
  const asRole = proofsIn(STORES.dynamodb, { identity, credentials: fleet.aws.credentialsOf(there) });
  for (const writer of [writerAs(STORES.dynamodb, there, here), asRole]) {
    await expect(writer.write(useNow())).rejects.toMatchObject({ name: "AccessDeniedException" });
  }
  await writerAs(STORES.dynamodb, there).write(useNow());
});

test("a use is no sample, and not a sign of life under an ID either", async () => {
  const from = Date.now() - 60_000;
  for (const store of Object.values(STORES)) await writerAs(store, here).write(useNow());
  const others = [
    dynamoSeries(dynamodb, { ...PLACE, table: STORES.dynamodb.table }),
    timestreamSeries(timestream, STORES.timestream),
  ];
  const nobody = { id: "ffffff", ec2InstanceId: here };
  for (const series of others) {
    expect(await series.hasAny({ ...nobody, from })).toBe(false);
    expect(await series.read({ ...nobody, from, to: Date.now(), limit: 10 })).toEqual([]);
  }
  const [record] = (await fleet.records()).filter(({ ec2InstanceId }) => ec2InstanceId === here);
  const window = { from, to: Date.now() + 1_000 };
  const samples = await others[0]?.read({ id: record?.id ?? "", ec2InstanceId: here, ...window, limit: 100 });
  expect(samples?.length).toBeGreaterThan(0);
});

test("a writer that was closed writes nothing", async () => {
  const writer = writerAs(STORES.dynamodb, here);
  writer.close();
  await expect(writer.write(useNow())).rejects.toThrow("closed");
});

test("the credential that was proved went over no wire, and a rotation beside the uses comes to its end", async () => {
  expect(traffic.some((text) => text.includes("orders/db"))).toBe(true);
  expect(traffic.filter((text) => holdsMark(text))).toEqual([]);
  const [record] = await fleet.records();
  const execution = await fleet.rotate(record?.id ?? "");
  expect(JSON.parse(execution.output ?? "{}")).toMatchObject({ outcome: "ROTATED" });
});
