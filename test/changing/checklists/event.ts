import { after, before, type Checklist, instead, made } from "../checklist.ts";

const definition = made(
  "events/alert-ended.ts",
  `import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { instanceId } from "./fields.ts";

/** What was told about an instance is over. */
export const alertEnded = {
  detailType: "Alert Ended",
  detail: z.strictObject({ id: instanceId, execution: z.string() }),
} satisfies EventKind;
`,
);

const exported = before(
  "events/index.ts",
  "export { commandInvocationChanged }",
  'export { alertEnded } from "./alert-ended.ts";\n',
);

const sample = made(
  "events/samples/alert-ended.json",
  JSON.stringify({ "detail-type": "Alert Ended", source: "keyturn", detail: { id: "0a1b2c", execution: "arn" } }),
);

const STEP = "functions/rotation/promote-successor/step.ts";
const put = [
  before(STEP, 'import { keyRotated } from "', 'import { alertEnded } from "../../../events/alert-ended.ts";\n'),
  after(
    STEP,
    "  await bus.put(keyRotated, { id, ec2InstanceId, generation, execution });\n",
    "  await bus.put(alertEnded, { id, execution });\n",
  ),
];

const TEST = "test/functions/rotation/promote-successor.test.ts";
const ROTATED = "detail: { id: ID, ec2InstanceId: EC2, generation: 2, execution: EXECUTION } },\n";
const expected = instead(
  TEST,
  ROTATED,
  `${ROTATED}    { detailType: "Alert Ended", detail: { id: ID, execution: EXECUTION } },\n`,
);

/** An event of Keyturn's own, put by a step that puts events already. */
export const event: Checklist = {
  title: "An event",
  places: [
    { at: "events/NAME.ts", test: "test/shape/rooms.test.ts", names: "events/alert-ended.ts", edits: [definition] },
    { at: "events/index.ts", test: "test/shape/events.test.ts", names: "events/alert-ended.ts", edits: [exported] },
    {
      at: "events/samples/NAME.json",
      test: "test/shape/events.test.ts",
      names: "events/samples/alert-ended.json",
      edits: [sample],
    },
    {
      at: "functions/FLOW/NAME/step.ts",
      test: "test/shape/events.test.ts",
      names: "events/alert-ended.ts",
      edits: put,
    },
    { at: "test/functions/FLOW/NAME.test.ts", test: TEST, names: "Alert Ended", edits: [expected] },
  ],
};
