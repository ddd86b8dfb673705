import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AttributeValue,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  type GlobalSecondaryIndexDescription,
} from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf } from "../../functions/audit/line.ts";
import { putLines } from "../../functions/audit/put-lines.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { dynamoTickets } from "../../functions/clients/tickets.dynamodb.ts";
import { LOOKED_AT_FOR_EACH } from "../../functions/clients/time-series.ts";
import { LOOK_PAGE, ROTATION_WRITES, WATCH_UNITS } from "../../infra/costs.ts";
import { NAMES } from "../../infra/wiring.ts";
import { keyNamed } from "../../local/deploy-data.ts";
import { createAuditTable, createInstanceTable, createTicketTable } from "../../local/deploy-tables.ts";
import { instanceArn, type SeriesItem, seriesKey } from "../../protocol/index.ts";
import { EC2, hex64Of, ID, NOW } from "../functions/support.ts";

// What AWS would count for the writes of one rotation, and for a look of the watch: the registry's own writes, over items of
// the sizes that they have on AWS. DynamoDB counts each kB of the larger of an item before and after, and of each entry of an index that changes.

type Item = Record<string, AttributeValue>;

/** KMS makes 184 bytes of the 32 of a key. */
const ciphertext = () => randomBytes(184).toString("base64");
/** What the run over the fleet calls those that it starts. */
const EXECUTION = `${ID}-due-${NOW}-0`;
/** Step Functions' task tokens, as people have published them, have 660 to 740 characters. */
const TASK_TOKEN = "x".repeat(740);

const folder = mkdtempSync(join(tmpdir(), "keyturn-units-"));
let aws: EmbeddedAws;
let client: DynamoDBClient;
let indexes: GlobalSecondaryIndexDescription[];
beforeAll(async () => {
  aws = await startAws({ folder });
  client = new DynamoDBClient(aws);
  const tableKey = await keyNamed(new KMSClient(aws), NAMES.tableKey, "SYMMETRIC_DEFAULT");
  await createInstanceTable(client, tableKey);
  await createTicketTable(client, tableKey);
  await createAuditTable(client, tableKey);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: NAMES.instanceTable }));
  indexes = Table?.GlobalSecondaryIndexes ?? [];
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true });
});

async function read(TableName: string, Key: Item): Promise<Item> {
  return (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item ?? {};
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function bytesOf(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  if (value.L !== undefined) return 3 + value.L.length + value.L.reduce((sum, one) => sum + bytesOf(one), 0);
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  throw new Error(
    `An attribute of another type than records had so far: ${Object.keys(value)}. Say here what it takes.`,
  );
}

function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);
}

const units = (item: Item) => Math.ceil(itemBytes(item) / 1024);

/** What an index holds of a record. */
function entry(item: Item, { KeySchema = [], Projection }: GlobalSecondaryIndexDescription) {
  const names = ["id", ...KeySchema.map(({ AttributeName }) => AttributeName ?? "")];
  if (!names.every((name) => name in item)) return { key: "", held: "", units: 0 };
  const keys = Object.fromEntries(names.map((name) => [name, item[name] as AttributeValue]));
  const held = Projection?.ProjectionType === "KEYS_ONLY" ? keys : item;
  return { key: JSON.stringify(keys), held: JSON.stringify(held), units: units(held) };
}

function unitsOfUpdate(before: Item, after: Item): number {
  const ofIndexes = indexes.map((index) => {
    const [old, young] = [entry(before, index), entry(after, index)];
    if (old.held === young.held) return 0;
    // An entry whose key is another is taken away, and another put.
    return old.key === young.key ? Math.max(old.units, young.units) : old.units + young.units;
  });
  return ofIndexes.reduce((sum, one) => sum + one, Math.max(units(before), units(after)));
}

test("a rotation writes as many units as infra/costs.ts counts", async () => {
  const registry = dynamoRegistry(client, NAMES.instanceTable);
  const nonce = hex64Of("the next nonce");
  const generation = 1000;
  await registry.add({
    id: ID,
    ec2InstanceId: EC2,
    ip: "172.131.134.137",
    status: "ACTIVE",
    current: {
      ...{ generation: generation - 1, nonce: hex64Of("nonce"), ciphertext: ciphertext(), since: NOW + 1 },
      ...{ execution: EXECUTION, pushes: { [EXECUTION]: { taskToken: TASK_TOKEN, sentAt: NOW } } },
    },
    agentPublic: hex64Of("agent"),
    serverPublic: hex64Of("server"),
    agentVersion: "10.10.10",
    registeredAt: NOW + 1,
    startedAt: NOW + 1,
    dueAt: NOW + 1,
    verdict: "MATCH",
    judgedAt: NOW + 1,
    lastProofAt: NOW + 1,
    auditHead: { n: 1000, digest: hex64Of("the line before") },
    auditDue: [],
  });
  const of = async (write: () => Promise<unknown>) => {
    const before = await read(NAMES.instanceTable, { id: { S: ID } });
    expect(await write()).toBeTruthy();
    return unitsOfUpdate(before, await read(NAMES.instanceTable, { id: { S: ID } }));
  };

  const receiptDigest = hex64Of("digest");
  const pending = {
    ...{ generation, nonce, ciphertext: ciphertext(), pushes: {} },
    ...{ ticketProof: hex64Of("ticket"), receiptDigest },
  };
  const setPending = await of(() => registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW + 2 }));
  const push = { taskToken: TASK_TOKEN, sentAt: NOW + 3 };
  const setPush = await of(() => registry.setPush(ID, { generation, execution: EXECUTION, push }));
  const claims = { requestedBy: NAMES.schedule, trigger: "schedule", run: EXECUTION };
  const outcome = { generation, verdict: "MATCH", receiptDigest, execution: EXECUTION };
  const line = lineOf("promoted", NOW + 4, { ...outcome, ...claims });
  const promotion = { generation, receiptDigest, execution: EXECUTION, at: NOW + 4, dueAt: NOW + 86_400_004, line };
  const promote = await of(() => registry.promote(ID, promotion));

  const audit = dynamoAudit(client, NAMES.auditTable);
  const promoted = (await registry.find(ID)) ?? {};
  const noteAudited = await of(async () => {
    await putLines(ID, promoted, { audit, registry, now: () => NOW + 4 });
    return true;
  });
  const put = await read(NAMES.auditTable, { subject: { S: ID }, n: { N: "1001" } });
  const { subject = { S: "" }, n = { N: "" }, day = { S: "" } } = put;
  const auditLine = units(put) + units({ subject, n, day });

  const owner = { partition: "aws", account: "000000000000" };
  const tickets = dynamoTickets(client, { table: NAMES.ticketTable, ...owner });
  await tickets.lay(EC2, { id: ID, generation, nonce, proof: hex64Of("proof") }, { at: NOW });
  const arn = instanceArn({ ...owner, region: aws.region }, EC2);
  const ticket = units(await read(NAMES.ticketTable, { instanceArn: { S: arn }, id: { S: ID } }));

  const message = "infra/costs.ts, ROTATION_WRITES: AWS counts something else now; correct it, and docs/costs.md";
  const counted = { setPending, ticket, setPush, promote, auditLine, noteAudited };
  expect(counted, message).toEqual(ROTATION_WRITES);
});

test("the watch reads and writes as many units as infra/costs.ts counts", async () => {
  const registry = dynamoRegistry(client, NAMES.instanceTable);
  const host = { holder: ID, cameAt: [NOW] };
  expect(await registry.writeOwner(EC2, host, undefined)).toBeDefined();
  // What its executions waited for is gone since its proofs were judged first.
  const settled = { generation: 1000, verdict: "MATCH", isSettled: true } as const;
  await registry.noteJudged(ID, { ...settled, at: NOW, lastProofAt: NOW });
  const before = await read(NAMES.instanceTable, { id: { S: ID } });
  const owner = await read(NAMES.instanceTable, { id: { S: `owner#${EC2}` } });
  const at = NOW + 3_600_000;
  expect(await registry.noteJudged(ID, { ...settled, at, lastProofAt: at })).toBe(true);
  const after = await read(NAMES.instanceTable, { id: { S: ID } });

  // Ten intervals of a minute, and one ahead.
  const window = Array.from({ length: 11 }, (_, minute) => sampleOf(at - minute * 60_000));
  const samples = window.reduce((sum, sample) => sum + itemBytes(sample), 0);
  const readUnits = (bytes: number) => Math.ceil(bytes / 4096);
  const counted = {
    scanned: Math.ceil((itemBytes(after) + itemBytes(owner)) / 100) * 100,
    newest: readUnits(itemBytes(sampleOf(at)) * LOOKED_AT_FOR_EACH) / 2,
    samples: readUnits(samples),
    judged: unitsOfUpdate(before, after),
    hosts: readUnits(itemBytes(owner)) + readUnits(itemBytes(after)),
  };
  const message = "infra/costs.ts, WATCH_UNITS: AWS counts something else now; correct it, and docs/costs.md";
  expect(counted, message).toEqual(WATCH_UNITS);
});

test("a look takes as many records at once as infra/costs.ts counts", () => {
  const step = readFileSync(new URL("../../functions/watch/look-at-records/step.ts", import.meta.url), "utf8");
  const page = /^const PAGE = (\d+);$/m.exec(step)?.[1];
  expect(Number(page), "infra/costs.ts, LOOK_PAGE: as look-at-records has it").toBe(LOOK_PAGE);
});

function sampleOf(timeMs: number): Item {
  const sample: SeriesItem = {
    instanceArn: instanceArn({ partition: "aws", region: "us-east-1", account: "000000000000" }, EC2),
    idAndTime: seriesKey({ id: ID, timeMs }),
    generation: 1000,
    hash: hex64Of("sample"),
    expiresAt: Math.ceil(timeMs / 1000),
  };
  return Object.fromEntries(
    Object.entries(sample).map(([name, value]) => [
      name,
      typeof value === "number" ? { N: String(value) } : { S: value },
    ]),
  );
}
