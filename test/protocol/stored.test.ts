import { describe, expect, test } from "vitest";
import {
  DYNAMODB,
  itemOf,
  readSampleStore,
  readTicket,
  readUseItem,
  recordOf,
  TICKETS,
  USES_INDEX,
  useItemOf,
  useRecordOf,
} from "../../protocol/index.ts";

// Agents and consumers of another version find it there, and the tables were made by another version: it stays as it is.

const PLACE = { partition: "aws", region: "eu-central-1", account: "111122223333" };
const ARN = "arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0";
const ROLE = "arn:aws:iam::111122223333:role/service/shop";
const HEX = "5e".repeat(32);
const sample = {
  id: "0a1b2c",
  ec2InstanceId: "i-0123456789abcdef0",
  generation: 2,
  timeMs: 1_763_596_800_123,
  hash: HEX,
};
const VERSION = "7d9b318d-7543-4923-813d-660b51a4553f";
const use = { secret: "orders/db", consumer: "web-1", versionId: VERSION, timeMs: 1_763_596_800_123, proof: HEX };
const SEVEN_DAYS_LATER_S = 1_763_596_800 + 7 * 86_400;

describe("in DynamoDB", () => {
  test("a sample", () => {
    expect(itemOf(sample, PLACE)).toEqual({
      ...{ instanceArn: ARN, idAndTime: "0a1b2c#1763596800123", generation: 2, hash: HEX },
      expiresAt: SEVEN_DAYS_LATER_S,
    });
  });

  test.each([
    [{ ec2InstanceId: "i-0123456789abcdef0" }, ARN],
    [{ role: ROLE }, ROLE],
  ])("a use by %j", (writer, instanceArn) => {
    const item = useItemOf({ ...use, ...writer }, PLACE);
    const { secret, timeMs, proof } = use;
    expect(item).toEqual({
      ...{ instanceArn, idAndTime: `use#orders/db#web-1#${VERSION}`, secret, timeMs, proof },
      expiresAt: SEVEN_DAYS_LATER_S,
    });
    expect(readUseItem(item)).toEqual({ ...use, ...writer });
    expect(readUseItem({ ...item, idAndTime: `${item.idAndTime}\nmore` })).toBeUndefined();
  });

  test("the keys of the tables, and what IAM and DynamoDB go by", () => {
    expect(DYNAMODB).toEqual({
      partitionKey: { name: "instanceArn", type: "S" },
      sortKey: { name: "idAndTime", type: "S" },
      expiry: "expiresAt",
      ownPartitionKey: "${ec2:SourceInstanceARN}",
    });
    expect(TICKETS).toEqual({
      partitionKey: { name: "instanceArn", type: "S" },
      sortKey: { name: "id", type: "S" },
      expiry: "expiresAt",
    });
    expect(USES_INDEX).toEqual({
      name: "bySecret",
      partitionKey: { name: "secret", type: "S" },
      sortKey: { name: "timeMs", type: "N" },
      projection: "ALL",
    });
  });
});

describe("in Timestream", () => {
  test("a sample", () => {
    expect(recordOf(sample)).toEqual({
      Dimensions: [
        { Name: "ec2InstanceId", Value: "i-0123456789abcdef0" },
        { Name: "id", Value: "0a1b2c" },
      ],
      ...{ MeasureName: "sample", MeasureValueType: "MULTI" },
      MeasureValues: [
        { Name: "generation", Value: "2", Type: "BIGINT" },
        { Name: "hash", Value: HEX, Type: "VARCHAR" },
      ],
      ...{ Time: "1763596800123", TimeUnit: "MILLISECONDS", Version: 2 },
    });
  });

  test.each([
    [{ ec2InstanceId: "i-0123456789abcdef0" }, { Name: "ec2InstanceId", Value: "i-0123456789abcdef0" }],
    [{ role: ROLE }, { Name: "role", Value: ROLE }],
  ])("a use by %j", (writer, first) => {
    expect(useRecordOf({ ...use, ...writer })).toEqual({
      Dimensions: [
        first,
        { Name: "secret", Value: "orders/db" },
        { Name: "consumer", Value: "web-1" },
        { Name: "versionId", Value: VERSION },
      ],
      ...{ MeasureName: "use", MeasureValueType: "MULTI" },
      MeasureValues: [{ Name: "proof", Value: HEX, Type: "VARCHAR" }],
      ...{ Time: "1763596800123", TimeUnit: "MILLISECONDS" },
    });
  });
});

describe("what is read", () => {
  const stored = { id: "0a1b2c", generation: 2, nonce: HEX, proof: HEX };

  test("a ticket, of a rotation by its proof and of a rekey by its nonce", () => {
    expect(readTicket({ ...stored, more: true } as typeof stored)).toEqual(stored);
    expect(readTicket({ ...stored, nonce: "" })).toEqual({ ...stored, nonce: "" });
    expect(readTicket({ ...stored, proof: "" })).toEqual({ ...stored, proof: "" });
  });

  test.each<[string, object]>([
    ["an ID that is none", { id: "0A1B2C" }],
    ["a generation of zero", { generation: 0 }],
    ["a nonce that is none", { nonce: HEX.slice(1) }],
    ["neither a proof nor a nonce", { nonce: "", proof: "" }],
    ["a proof that is no text", { proof: 5 }],
    ["a proof that is none", { proof: HEX.slice(1) }],
  ])("no ticket with %s", (_, changes) => expect(readTicket({ ...stored, ...changes })).toBeUndefined());

  test("a store, by its kind and the names of what is in it", () => {
    const both = { database: "keyturn", table: "samples" };
    expect(readSampleStore({ kind: "timestream", ...both })).toEqual({ kind: "timestream", ...both });
    expect(readSampleStore({ kind: "dynamodb", ...both })).toEqual({ kind: "dynamodb", table: "samples" });
  });

  test.each([
    ["nothing", null],
    ["a text", "dynamodb"],
    ["another kind", { kind: "redis", database: "keyturn", table: "samples" }],
    ["no table", { kind: "dynamodb" }],
    ["a table that is no text", { kind: "dynamodb", table: 5 }],
    ["a name that no table has", { kind: "dynamodb", table: "a/b" }],
    ["no database", { kind: "timestream", table: "samples" }],
  ])("no store from %s", (_, value) => expect(readSampleStore(value)).toBeUndefined());
});
