import { consoleLink } from "../../../functions/telling/console-link.ts";
import { graphOf } from "../../../operator/page/flow/graph.ts";
import type { Happening } from "../../../operator/page/flow/happening.ts";
import { stepsOf } from "../../../operator/page/flow/steps.ts";
import { wayOf } from "../../../operator/page/flow/way.ts";
import { wayInWords } from "../../../operator/page/flow/words.ts";
import { eventRows } from "../../../operator/page/read/executions-history.ts";
import type { ExecutionDocument, ExecutionRow, ExecutionsDocument } from "../../../operator/page/wire/executions.ts";
import { readFlow } from "../../../statemachines/read.ts";
import { arnOf, FOUND, idOf, MINUTE, SECOND, SOUND, TAMPERED, TURNED } from "./names.ts";

const FLOWS = ["rotation", "fleet-rotation", "watch", "operate", "credential", "exposed-key"];
const REGISTRATION_LOG = "/aws/vendedlogs/states/keyturn-registration";

/** Executions, the newest first: each flow's in turn, some of which have failed, and one goes on. */
export function executionsOf(count: number, now: number): ExecutionsDocument {
  const executions = Array.from({ length: count }, (_, at): ExecutionRow => {
    const flow = FLOWS[at % FLOWS.length] ?? "";
    const name = `${idOf(at)}-due-${1_795_831_200 - at}-${(at % 4096).toString(16).padStart(4, "0")}`;
    const startedAt = now - at * MINUTE;
    return {
      ...{ arn: arnOf(flow, name), flow, name, startedAt, about: idOf(at) },
      ...(at === 0
        ? { status: "RUNNING" }
        : { status: at % 5 === 1 ? "FAILED" : "SUCCEEDED", stoppedAt: startedAt + 900 }),
    };
  });
  const found: ExecutionRow[] = [
    {
      arn: FOUND,
      flow: "rotation",
      name: FOUND.split(":")[7] ?? "",
      status: "FAILED",
      startedAt: now - 9 * MINUTE,
      stoppedAt: now - 9 * MINUTE + 800,
      about: TAMPERED,
    },
    {
      arn: TURNED,
      flow: "rotation",
      name: TURNED.split(":")[7] ?? "",
      status: "SUCCEEDED",
      startedAt: now - 10 * MINUTE,
      stoppedAt: now - 9 * MINUTE,
      about: SOUND,
    },
  ];
  return { executions: [...found, ...executions], flows: FLOWS, registrationLog: REGISTRATION_LOG, after: "more" };
}

export function noExecutions(): ExecutionsDocument {
  return { executions: [], flows: FLOWS, registrationLog: REGISTRATION_LOG };
}

/** A state that was passed: a Task unless it says otherwise, and what it failed with. */
type Passed = [state: string, failing?: { type?: string; error?: string; cause?: string }];

const TAMPERING: Passed[] = [
  ["ValidateId"],
  ["ReadTimeSeries"],
  [
    "VerifyHash",
    { error: "MISMATCH", cause: JSON.stringify({ errorMessage: `The samples of ${TAMPERED} prove another key.` }) },
  ],
  ["NotifySns"],
  ["Notified", { type: "Choice" }],
  [
    "Failed",
    {
      type: "Fail",
      error: "Keyturn.MISMATCH",
      cause: `The samples of ${TAMPERED} prove another key than its record has.`,
    },
  ],
];
const TURNING: Passed[] = [
  ...([["ValidateId"], ["ReadTimeSeries"], ["VerifyHash"], ["Verdict", { type: "Choice" }]] as Passed[]),
  ...([
    ["DeriveSuccessor"],
    ["PushToInstance"],
    ["ConfirmSuccessor"],
    ["PromoteSuccessor"],
    ["Turned", { type: "Succeed" }],
  ] as Passed[]),
];

/** The history of passing these, one after the other, as Step Functions numbers it. */
function historyOf(passed: readonly Passed[], startedAt: number): Happening[] {
  const events: Happening[] = [];
  const put = (type: string, details: Record<string, unknown> = {}) => {
    const id = events.length + 1;
    events.push({ id, previous: id - 1, at: startedAt + id * 40, type, details });
  };
  put("ExecutionStarted", { input: "{}" });
  for (const [state, { type = "Task", error, cause } = {}] of passed) {
    put(`${type}StateEntered`, { name: state });
    if (type === "Fail") {
      put("ExecutionFailed", { error, cause });
      return events;
    }
    if (type === "Task") put("TaskScheduled", { resource: "invoke" });
    if (type === "Task")
      put(error === undefined ? "TaskSucceeded" : "TaskFailed", error === undefined ? {} : { error, cause });
    put(`${type}StateExited`, { name: state });
  }
  put("ExecutionSucceeded");
  return events;
}

/** A rotation over its very definition: the one that found the tampering, or one that went well. */
export function executionOf(arn: string, now: number, { more = 0 } = {}): ExecutionDocument {
  const isFound = arn === FOUND;
  const startedAt = now - 9 * MINUTE;
  const again = Array.from({ length: more }, (): Passed => ["ReadTimeSeries"]);
  const events = historyOf([...again, ...(isFound ? TAMPERING : TURNING)], startedAt);
  const way = wayOf(events);
  const id = isFound ? TAMPERED : SOUND;
  return {
    ...{ arn, flow: "rotation", name: arn.split(":")[7] ?? "", status: isFound ? "FAILED" : "SUCCEEDED" },
    ...{ startedAt, stoppedAt: startedAt + 3 * SECOND, id, asked: { requestedBy: "schedule", trigger: "due" } },
    ...(isFound && {
      failure: {
        error: "Keyturn.MISMATCH",
        cause: `The samples of ${id} prove another key than its record has.`,
        state: "VerifyHash",
      },
    }),
    ...{ input: { text: JSON.stringify({ id, requestedBy: "schedule", trigger: "due" }, null, 2) } },
    ...(!isFound && { output: { text: JSON.stringify({ outcome: "ROTATED", generation: 7 }, null, 2) } }),
    ...{ graph: graphOf(readFlow("rotation").definition, way), steps: stepsOf(way), way: wayInWords(way) },
    events: eventRows(events, way),
    ...{ isCut: more > 0, items: [], hasMoreItems: false, link: consoleLink(arn) },
  };
}
