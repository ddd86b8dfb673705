import fc from "fast-check";
import { expect, test } from "vitest";
import {
  DYNAMODB,
  FORMS,
  readUse,
  readUseItem,
  readUseKey,
  seriesKey,
  TIMESTREAM,
  timeOfSeriesKey,
  USES_IN_TIMESTREAM,
  type Use,
  useItemOf,
  useKey,
  useKeysOf,
  useProof,
  useRecordOf,
} from "../../protocol/index.ts";
import vectors from "./vectors.json" with { type: "json" };

const PLACE = { partition: "aws-cn", region: "cn-north-1", account: "111122223333" };
const USE_FIELDS = {
  secret: "orders/db",
  consumer: "web-1",
  versionId: "7d9b318d-7543-4923-813d-660b51a4553f",
  timeMs: 1_763_600_000_000,
  proof: "153eab29d78458c3f46fd091dd6b6d348d55b342ae42d1a45b3414221d64aeac",
};
const USE: Use = { ec2InstanceId: "i-0123456789abcdef0", ...USE_FIELDS };

test("a use lies in DynamoDB under its instance's own ARN, one item for each version, for a week", () => {
  const item = useItemOf(USE, PLACE);
  expect(item).toEqual({
    instanceArn: "arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-0123456789abcdef0",
    idAndTime: "use#orders/db#web-1#7d9b318d-7543-4923-813d-660b51a4553f",
    secret: "orders/db",
    timeMs: 1_763_600_000_000,
    proof: USE.proof,
    expiresAt: 1_764_204_800,
  });
  expect(Object.keys(item)).toEqual(
    expect.arrayContaining([DYNAMODB.partitionKey.name, DYNAMODB.sortKey.name, DYNAMODB.expiry]),
  );
  expect(useItemOf({ ...USE, timeMs: USE.timeMs + 60_000 }, PLACE).idAndTime).toBe(item.idAndTime);
});

test("a use by a role lies under the role's ARN, whatever its path and wherever it is written from", () => {
  for (const name of ["web", "apps/web", "a+b=c,d.e@f-g_h/web"]) {
    const byRole: Use = { ...USE_FIELDS, role: `arn:aws-cn:iam::111122223333:role/${name}` };
    const item = useItemOf(byRole, PLACE);
    expect(item).toEqual({ ...useItemOf(USE, PLACE), instanceArn: byRole.role });
    expect(readUseItem(item)).toEqual(byRole);
    expect(useRecordOf(byRole).Dimensions[0]).toEqual({ Name: "role", Value: byRole.role });
    expect(useRecordOf(byRole).Dimensions.slice(1)).toEqual(useRecordOf(USE).Dimensions.slice(1));
  }
});

test("a use lies in Timestream in the samples' table, under a measure's name of its own", () => {
  expect(useRecordOf(USE)).toEqual({
    Dimensions: [
      { Name: "ec2InstanceId", Value: USE.ec2InstanceId },
      { Name: "secret", Value: "orders/db" },
      { Name: "consumer", Value: "web-1" },
      { Name: "versionId", Value: USE.versionId },
    ],
    MeasureName: "use",
    MeasureValueType: "MULTI",
    MeasureValues: [{ Name: "proof", Value: USE.proof, Type: "VARCHAR" }],
    Time: "1763600000000",
    TimeUnit: "MILLISECONDS",
  });
  expect(USES_IN_TIMESTREAM.measureName).not.toBe(TIMESTREAM.measureName);
  // By which samples are asked for, with or without a measure's name.
  expect(USES_IN_TIMESTREAM.dimensions).not.toContain("id");
});

test("what was stored is read again, and proves the version whose value is known", () => {
  const [vector] = vectors.use.filter(({ consumer }) => FORMS.consumer.test(consumer));
  const { credential = "", proof = "", ...names } = vector ?? {};
  const use = { ...USE, ...names, proof } as Use;
  const read = readUseItem(useItemOf(use, PLACE));
  expect(read).toEqual(use);
  expect(useProof({ ...use, credential })).toBe(read?.proof);
});

/** Names of every form that they may have. */
const ofForm = (form: RegExp) => fc.stringMatching(form);

test("keys of uses are read as what they were made of, and are never keys of samples, nor among them", () => {
  const use = fc.record({
    secret: ofForm(FORMS.secretName),
    consumer: ofForm(FORMS.consumer),
    versionId: ofForm(FORMS.secretVersion),
  });
  fc.assert(
    fc.property(use, ofForm(FORMS.instanceId), (names, id) => {
      const key = useKey(names);
      expect(readUseKey(key)).toEqual(names);
      expect(key.startsWith(useKeysOf(names.secret))).toBe(true);
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024); // DynamoDB's limit for a sort key
      expect(timeOfSeriesKey(key)).toBeUndefined();
      const [first, last] = [0, Number.POSITIVE_INFINITY].map((timeMs) => seriesKey({ id, timeMs })) as [
        string,
        string,
      ];
      expect(key < first || key > last).toBe(true);
    }),
  );
});

test("uses of one secret are not among those of another whose name begins alike", () => {
  expect(useKey({ ...USE, secret: "orders/db-2" }).startsWith(useKeysOf("orders/db"))).toBe(false);
});

test.each([
  ["a sample", "0a1b2c#1763596800123"],
  ["no version", "use#orders/db#web-1#"],
  ["a version that is too short", "use#orders/db#web-1#7d9b"],
  ["no consumer", `use#orders/db##${USE.versionId}`],
  ["a consumer with a blank", `use#orders/db#web 1#${USE.versionId}`],
  ["something before it", ` ${useKey(USE)}`],
  ["a number", 1763596800123],
  ["nothing", undefined],
])("no key of a use: %s", (_, key) => expect(readUseKey(key)).toBeUndefined());

const MALFORMED: [string, Partial<Record<keyof Use, unknown>>][] = [
  ["another kind of ID", { ec2InstanceId: "0a1b2c" }],
  ["an instance and a role", { role: "arn:aws:iam::111122223333:role/web" }],
  ["neither", { ec2InstanceId: undefined }],
  ["a role's session", { ec2InstanceId: undefined, role: "arn:aws:sts::111122223333:assumed-role/web/one" }],
  ["a user", { ec2InstanceId: undefined, role: "arn:aws:iam::111122223333:user/web" }],
  ["a role without a name", { ec2InstanceId: undefined, role: "arn:aws:iam::111122223333:role/apps/" }],
  ["a role with a Region", { ec2InstanceId: undefined, role: "arn:aws:iam:us-east-1:111122223333:role/web" }],
  [
    "a role whose name is too long",
    { ec2InstanceId: undefined, role: `arn:aws:iam::111122223333:role/${"a".repeat(65)}` },
  ],
  [
    "a role whose path is too long",
    { ec2InstanceId: undefined, role: `arn:aws:iam::111122223333:role/${"a/".repeat(400)}web` },
  ],
  ["a role with a line's end", { ec2InstanceId: undefined, role: "arn:aws:iam::111122223333:role/web\n" }],
  ["a secret's name with a mark of the key", { secret: "orders#db" }],
  ["a secret's ARN", { secret: "arn:aws:secretsmanager:us-east-1:111122223333:secret:orders/db" }],
  ["a consumer's name that is too long", { consumer: "a".repeat(64) }],
  ["a version with a line's end", { versionId: `${USE.versionId}\n` }],
  ["a time with a fraction", { timeMs: 1.5 }],
  ["a time before 1970", { timeMs: -1 }],
  ["a time as a text", { timeMs: "1763600000000" }],
  ["a proof in capitals", { proof: USE.proof.toUpperCase() }],
  ["no proof", { proof: undefined }],
];

test.each(MALFORMED)("%s is read as no use, and written as none, and the error names no value", (_, change) => {
  const use = { ...USE, ...change } as Use;
  expect(readUse(use)).toBeUndefined();
  const error = "a field of the use has not its form";
  expect(() => useItemOf(use, PLACE)).toThrow(new TypeError(error));
  expect(() => useRecordOf(use)).toThrow(new TypeError(error));
});

test.each([null, undefined, "use", 1, []])("%j is no use", (value) => expect(readUse(value)).toBeUndefined());

test("a field that is not known is passed over, and the key counts where an attribute says something else", () => {
  const item = { ...useItemOf(USE, PLACE), secret: "another", later: "field" };
  expect(readUseItem(item)).toEqual(USE);
  for (const instanceArn of ["i-0123456789abcdef0", "arn:aws:iam::111122223333:root", undefined, 1]) {
    expect(readUseItem({ ...item, instanceArn })).toBeUndefined();
  }
});
