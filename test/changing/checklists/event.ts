import { after, before, type Checklist, made } from "../checklist.ts";

const definition = made(
  "events/ip-noted.ts",
  `
    import * as z from "zod/mini";
    import type { EventKind } from "./event.ts";
    import { instanceId } from "./fields.ts";

    /** An instance has told its IP. */
    export const ipNoted = {
      detailType: "IP Noted",
      detail: z.strictObject({ id: instanceId, ip: z.string() }),
    } satisfies EventKind;
  `,
);

const exported = before(
  "events/index.ts",
  'export { keyRotated } from "./key-rotated.ts";\n',
  'export { ipNoted } from "./ip-noted.ts";\n',
);

const sample = made(
  "events/samples/ip-noted.json",
  `
    {
      "version": "0",
      "id": "1b9f8c1e-5a3d-4c53-9a5c-0f1c5a8f7d21",
      "detail-type": "IP Noted",
      "source": "keyturn",
      "account": "000000000000",
      "time": "2026-11-20T03:00:07Z",
      "region": "us-east-1",
      "resources": [],
      "detail": { "id": "0a1b2c", "ip": "10.0.36.230" }
    }
  `,
);

const section = before(
  "docs/events.md",
  "## Rotation Requested\n",
  "## IP Noted\n\nAn instance has told its IP. The step upsert-ip puts it.\n\n| field | what it is |\n| --- | --- |\n" +
    "| `id` | of the instance |\n| `ip` | as it said |\n\n",
);

const STEP = "functions/registration/upsert-ip/step.ts";
const put = [
  after(
    STEP,
    'import { instanceRegistered } from "../../../events/instance-registered.ts";\n',
    'import { ipNoted } from "../../../events/ip-noted.ts";\n',
  ),
  after(STEP, "flag, generation: output.generation });\n", "  await neighbours.bus.put(ipNoted, { id, ip });\n"),
];

const STEP_TEST = "test/functions/registration/upsert-ip.test.ts";
const expected = [
  after(
    STEP_TEST,
    'ip: "10.0.0.9", flag: "new", generation: 1 },\n    },\n',
    '    { detailType: "IP Noted", detail: { id: NEW_ID, ip: "10.0.0.9" } },\n',
  ),
  after(
    STEP_TEST,
    'ip: "2001:db8::1", flag: "update", generation: 1 },\n    },\n',
    '    { detailType: "IP Noted", detail: { id: ID, ip: "2001:db8::1" } },\n',
  ),
];

/** An event of Keyturn's own, put by a step that puts events already. */
export const event: Checklist = {
  title: "An event",
  places: [
    { at: "events/NAME.ts", test: "test/shape/rooms.test.ts", names: "events/ip-noted.ts", edits: [definition] },
    { at: "events/index.ts", test: "test/shape/events.test.ts", names: "events/ip-noted.ts", edits: [exported] },
    {
      at: "events/samples/NAME.json",
      test: "test/shape/events.test.ts",
      names: "events/samples/ip-noted.json",
      edits: [sample],
    },
    { at: "docs/events.md", test: "test/infra/events-document.test.ts", names: "IP Noted", edits: [section] },
    {
      at: "functions/FLOW/NAME/step.ts",
      test: "test/shape/events.test.ts",
      names: "events/ip-noted.ts",
      edits: put,
    },
    {
      at: "test/functions/FLOW/NAME.test.ts",
      test: STEP_TEST,
      testAt: "test/functions/FLOW/NAME.test.ts",
      names: "IP Noted",
      edits: expected,
    },
  ],
};
