import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { seriesPlace } from "../../agent/commands/wiring.ts";
import type { InstanceCredentials } from "../../agent/metadata.ts";
import { followedSeries } from "../../agent/series/followed.ts";
import { openSeries } from "../../agent/series/open.ts";
import type { SeriesPlace } from "../../agent/series/place.ts";
import { FakeAws } from "./fakes/aws.ts";

const SAMPLE = {
  id: "0a1b2c",
  ec2InstanceId: "i-0123456789abcdef0",
  generation: 4,
  timeMs: 1_763_600_000_999,
  hash: "dc16ee636e5ed99e70857b4f95640b391798017892b05f587b3369ef3a432b42",
};
const STORES = [
  { kind: "timestream", database: "keyturn", table: "samples" },
  { kind: "dynamodb", table: "samples" },
] as const;

let aws: FakeAws;
beforeEach(async () => {
  aws = new FakeAws();
  await aws.start();
  vi.stubEnv("AWS_ENDPOINT_URL", aws.endpoint.origin);
});
afterEach(() => aws.close());

const fixed = (region: string, partition = "aws") => ({
  region: async () => region,
  partition: async () => partition,
  accountId: async () => "000000000000",
});

const place = (region: string, partition = "aws"): SeriesPlace => ({
  ...fixed(region, partition),
  credentials: async () => ({
    accessKeyId: "ASIAEXAMPLE",
    secretAccessKey: "example-secret",
    sessionToken: "example-session",
    expiration: new Date("2100-01-01T00:00:00Z"),
  }),
});

describe.each(STORES)("the series in $kind", (settings) => {
  test("takes a sample", async () => {
    const series = openSeries(settings, place("us-east-1"));
    await series.write(SAMPLE);
    series.close();
    expect(aws.written).toHaveLength(1);
    const text = JSON.stringify(aws.written);
    for (const value of Object.values(SAMPLE)) expect(text).toContain(String(value));
  });

  test("says that AWS is away", async () => {
    aws.seriesDown = true;
    const series = openSeries(settings, place("us-east-1"));
    await expect(series.write(SAMPLE)).rejects.toThrow();
    series.close();
  });

  test.each([
    ["once AWS has refused those at hand", true],
    ["though AWS refused the first from the outset", false],
  ])("is asked with other credentials %s", async (_, isTakenAtFirst) => {
    let current = "ASIAEXAMPLE";
    const asked: (string | undefined)[] = [];
    const credentialsOf = (accessKeyId: string): InstanceCredentials => ({
      accessKeyId,
      secretAccessKey: "example-secret",
      sessionToken: "example-session",
      expiration: new Date("2100-01-01T00:00:00Z"),
    });
    const metadata = {
      ...fixed("us-east-1"),
      async credentials(refused?: InstanceCredentials) {
        asked.push(refused?.accessKeyId);
        return credentialsOf(refused === undefined ? current : "ASIAANOTHER");
      },
    };
    const series = openSeries(settings, seriesPlace({ region: undefined }, metadata));
    if (isTakenAtFirst) await series.write(SAMPLE);
    aws.seriesRefuses = "ASIAEXAMPLE";
    await expect(series.write(SAMPLE)).rejects.toThrow("not authorized");
    current = "ASIAANOTHER";
    await series.write(SAMPLE);
    series.close();
    expect(aws.written).toHaveLength(isTakenAtFirst ? 2 : 1);
    expect(asked).toEqual([undefined, "ASIAEXAMPLE"]);
  });

  test("takes nothing after it was closed", async () => {
    const series = openSeries(settings, place("us-east-1"));
    series.close();
    await expect(series.write(SAMPLE)).rejects.toThrow("closed");
    expect(aws.written).toEqual([]);
  });
});

test("a series that is followed writes where it was told last, and to be told the same again changes nothing", async () => {
  const [timestream, dynamodb] = STORES;
  const series = followedSeries(timestream, place("us-east-1"));
  await series.write(SAMPLE);
  expect(series.follow({ ...timestream })).toBe(false);
  await series.write(SAMPLE);
  expect(series.follow({ ...dynamodb, table: "samples-2" })).toBe(true);
  await series.write(SAMPLE);
  expect(series.follow(timestream)).toBe(true);
  await series.write(SAMPLE);
  series.close();
  await expect(series.write(SAMPLE)).rejects.toThrow("closed");
  const tables = aws.written.map(({ TableName }) => TableName);
  expect(tables).toEqual(["samples", "samples", "samples-2", "samples"]);
});

test.each([
  ["us-east-1", "aws"],
  ["cn-north-1", "aws-cn"],
  ["us-gov-west-1", "aws-us-gov"],
  ["eusc-de-east-1", "aws-eusc"],
])("an item of DynamoDB in %s is kept by the instance's ARN, for a week", async (region, partition) => {
  const series = openSeries({ kind: "dynamodb", table: "samples" }, place(region, partition));
  await series.write(SAMPLE);
  series.close();
  expect(aws.written).toEqual([
    {
      TableName: "samples",
      Item: {
        instanceArn: { S: `arn:${partition}:ec2:${region}:000000000000:instance/${SAMPLE.ec2InstanceId}` },
        idAndTime: { S: `${SAMPLE.id}#1763600000999` },
        generation: { N: "4" },
        hash: { S: SAMPLE.hash },
        expiresAt: { N: "1764204800" },
      },
    },
  ]);
});
