import { after, before, type Checklist, instead, made } from "../checklist.ts";
import { costTables } from "./tables.ts";

const STEP = "functions/rotation/note-turn";

const contract = made(
  `${STEP}/contract.ts`,
  `
    import * as z from "zod/mini";
    import { generation, instanceId } from "../../../events/fields.ts";
    import type { StepContract } from "../../shared/contract.ts";

    export const contract = {
      name: "note-turn",
      flow: "rotation",
      does: "Writes down which key is about to be turned.",
      input: z.object({ id: instanceId, generation }),
      output: z.object({ noted: z.boolean() }),
      errors: [],
      neighbours: [],
      given: ["journal"],
      uses: {},
      timeoutSeconds: 5,
    } as const satisfies StepContract;
  `,
);

const does = made(
  `${STEP}/step.ts`,
  `
    import type { InputOf, OutputOf } from "../../shared/contract.ts";
    import type { NeighboursOf } from "../../shared/neighbours.ts";
    import type { contract } from "./contract.ts";

    /** Writes down which key is about to be turned. */
    export async function noteTurn(
      { id, generation }: InputOf<typeof contract>,
      { journal }: NeighboursOf<typeof contract>,
    ): Promise<OutputOf<typeof contract>> {
      journal.info("turning", { id, generation });
      return { noted: true };
    }
  `,
);

const lambda = made(
  `${STEP}/lambda.ts`,
  `
    import { lambdaOf } from "../../shared/lambda.ts";
    import { contract } from "./contract.ts";
    import { noteTurn } from "./step.ts";

    export const handler = lambdaOf(contract, noteTurn, {});
  `,
);

const listed = [
  before(
    "functions/steps.ts",
    'import { contract as notifyRotation } from "./rotation/notify-sns/contract.ts";\n',
    'import { contract as noteTurn } from "./rotation/note-turn/contract.ts";\n',
  ),
  after("functions/steps.ts", "  promoteSuccessor,\n", "  noteTurn,\n"),
];

const tested = made(
  "test/functions/rotation/note-turn.test.ts",
  `
    import { expect, test } from "vitest";
    import { noteTurn } from "../../../functions/rotation/note-turn/step.ts";
    import { collectingJournal, ID } from "../support.ts";

    test("which key is about to be turned is written down", async () => {
      const journal = collectingJournal();
      expect(await noteTurn({ id: ID, generation: 2 }, { journal })).toEqual({ noted: true });
      expect(journal.lines).toEqual([\`turning \${JSON.stringify({ id: ID, generation: 2 })}\`]);
    });
  `,
);

const FLOW = "statemachines/rotation.asl.yaml";
const state = instead(
  FLOW,
  "    Next: PromoteSuccessor\n\n  PromoteSuccessor:\n",
  `    Next: NoteTurn

  NoteTurn:
    Type: Task
    Comment: Which key is about to be turned is written down.
    Resource: arn:aws:states:::lambda:invoke
    Arguments:
      FunctionName: \${NoteTurnFunctionArn}
      Payload:
        id: "{% $id %}"
        generation: "{% $generation %}"
    TimeoutSeconds: 15
    Retry: *patience
    Catch:
      - *tell
    Output: "{% $states.input %}"
    Next: PromoteSuccessor

  PromoteSuccessor:
`,
);

// Its limit and its patience make the longest way longer, which the flow must outlast.
const longer = [
  instead(FLOW, "\nTimeoutSeconds: 3600\n", "\nTimeoutSeconds: 3650\n"),
  instead("functions/record/due.ts", "LONGEST_ROTATION_MS = 3600_000;", "LONGEST_ROTATION_MS = 3650_000;"),
];

const costs = [
  instead("docs/costs.md", " 9 state transitions", " 10 state transitions"),
  instead("docs/costs.md", " 8 invocations", " 9 invocations"),
  costTables,
];

const drawn = before(
  "README.md",
  "  PromoteSuccessor   pending becomes current\n",
  "  NoteTurn           writes it down\n      ▼\n",
);

/** A step on the way that every rotation goes. */
export const step: Checklist = {
  title: "A step",
  places: [
    {
      at: "functions/FLOW/NAME/contract.ts",
      test: "test/shape/rooms.test.ts",
      names: "functions/rotation/note-turn/contract.ts",
      edits: [contract],
    },
    {
      at: "functions/FLOW/NAME/step.ts",
      test: "test/shape/steps.test.ts",
      names: "functions/rotation/note-turn/step.ts",
      edits: [does],
    },
    {
      at: "functions/FLOW/NAME/lambda.ts",
      test: "test/shape/steps.test.ts",
      names: "functions/rotation/note-turn/lambda.ts",
      edits: [lambda],
    },
    {
      at: "functions/steps.ts",
      test: "test/shape/steps.test.ts",
      names: "functions/rotation/note-turn",
      edits: listed,
    },
    {
      at: "test/functions/FLOW/NAME.test.ts",
      test: "test/shape/steps.test.ts",
      names: "test/functions/rotation/note-turn.test.ts",
      edits: [tested],
    },
    {
      at: "statemachines/FLOW.asl.yaml",
      test: "test/statemachines/contract.test.ts",
      names: "note-turn is called by its flow",
      edits: [state, ...longer],
    },
    { at: "docs/costs.md", test: "test/infra/docs.test.ts", names: "docs/costs.md", edits: costs },
    { at: "README.md", test: "test/shape/documents.test.ts", names: "NoteTurn", edits: [drawn] },
  ],
};
