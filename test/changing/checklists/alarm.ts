import { after, before, type Checklist, type Edit } from "../checklist.ts";
import { costTables } from "./tables.ts";

const FIGURE = "PushAge";

const says: Edit = before(
  "infra/alarms.ts",
  '  {\n    name: "EventsUndelivered",',
  `  {
    name: "PushesSlow",
    says: "A push took longer than ten minutes.",
    figure: { noted: "${FIGURE}" },
    threshold: 600_000,
  },
`,
);

// One more of Keyturn's own than there are.
const counted: Edit = {
  file: "infra/alarms.ts",
  change: (text) =>
    text.replace(/(?<=^const OF_(FLEET|BOTH|EXPOSED_KEYS) = )\d+/gm, (number) => String(Number(number) + 1)),
};

const section = before(
  "docs/runbook.md",
  "### EventsUndelivered\n",
  "### PushesSlow\n\n**It means**: a push took long.\n\n**Look**: at the agent's log.\n\n**Do**: mend what it names.\n\n",
);

const noted = after(
  "functions/rotation/end-push/step.ts",
  'journal.duration("PushLatency", now() - push.sentAt);\n',
  `      journal.duration("${FIGURE}", now() - push.sentAt);\n`,
);

/** An alarm about a figure that is new, too. */
export const alarm: Checklist = {
  title: "An alarm",
  places: [
    { at: "infra/alarms.ts", test: "test/infra/docs.test.ts", names: '"PushesSlow"', edits: [says, counted] },
    { at: "docs/runbook.md", test: "test/infra/docs.test.ts", names: '"PushesSlow"', edits: [section] },
    { at: "docs/costs.md", test: "test/infra/docs.test.ts", names: "docs/costs.md", edits: [costTables] },
    { at: "functions/FLOW/NAME/step.ts", test: "test/infra/template.test.ts", names: FIGURE, edits: [noted] },
  ],
};
