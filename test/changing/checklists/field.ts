import { after, type Checklist, instead } from "../checklist.ts";

const FIELD = "ipSince";

const declared = after(
  "functions/record/record.ts",
  "  ip: string;\n",
  `  /** Since when it has this IP; records of before this field have none. */\n  ${FIELD}?: number;\n`,
);

const inDynamoDb = instead(
  "functions/clients/registry.dynamodb.ts",
  "SET #ip = :ip, #startedAt = :at",
  `SET #ip = :ip, #${FIELD} = :at, #startedAt = :at`,
);

const erased = instead(
  "functions/clients/registry-erasure.ts",
  "serverPublic: true, ip: true }",
  `serverPublic: true, ip: true, ${FIELD}: true }`,
);

const inFake = instead(
  "functions/clients/registry.fake.ts",
  "Object.assign(record, { ip, startedAt: at,",
  `Object.assign(record, { ip, ${FIELD}: at, startedAt: at,`,
);

const SUITE = "test/functions/clients/registry.suite.ts";
const inSuite = instead(
  SUITE,
  'toEqual({ ...record, ip: "::1", startedAt: NOW + 5, status: "ACTIVE" });\n',
  `toEqual({
          ...record,
          ip: "::1",
          ${FIELD}: NOW + 5,
          startedAt: NOW + 5,
          status: "ACTIVE",
        });
`,
);

const written = after("functions/registration/upsert-ip/step.ts", "    ip,\n", `    ${FIELD}: at,\n`);

const STEP_TEST = "test/functions/registration/upsert-ip.test.ts";
const expected = [
  after(STEP_TEST, '    ip: "10.0.0.9",\n', `    ${FIELD}: NOW,\n`),
  instead(
    STEP_TEST,
    '{ ...before, ip: "2001:db8::1", startedAt: NOW }',
    `{ ...before, ip: "2001:db8::1", ${FIELD}: NOW, startedAt: NOW }`,
  ),
];

const LIFE_TEST = "test/flows/life.test.ts";
const lived = instead(
  LIFE_TEST,
  "{ ...before, ip, startedAt: expect.any(Number) }",
  `{
    ...before,
    ip,
    ${FIELD}: expect.any(Number),
    startedAt: expect.any(Number),
  }`,
);

/** A field that a step writes when it adds a record, and that an update of the registry keeps up to date. */
export const field: Checklist = {
  title: "A field of the record",
  places: [
    { at: "functions/record/record.ts", test: "types", names: FIELD, edits: [declared] },
    {
      at: "functions/clients/registry.dynamodb.ts",
      test: "test/flows/clients.test.ts",
      names: FIELD,
      edits: [inDynamoDb],
    },
    { at: "functions/clients/registry-erasure.ts", test: "types", names: FIELD, edits: [erased] },
    {
      at: "functions/clients/registry.fake.ts",
      test: "test/functions/clients/registry.fake.test.ts",
      names: FIELD,
      edits: [inFake],
    },
    { at: SUITE, test: "test/shape/record.test.ts", names: FIELD, edits: [inSuite] },
    {
      at: "functions/FLOW/NAME/step.ts",
      test: STEP_TEST,
      testAt: "test/functions/FLOW/NAME.test.ts",
      names: FIELD,
      edits: [written],
    },
    {
      at: "test/functions/FLOW/NAME.test.ts",
      test: STEP_TEST,
      testAt: "test/functions/FLOW/NAME.test.ts",
      names: FIELD,
      edits: expected,
    },
    { at: LIFE_TEST, test: LIFE_TEST, names: FIELD, edits: [lived] },
  ],
};
