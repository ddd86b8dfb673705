import type { Machine } from "./definition/machine.ts";
import type { Failure } from "./failure.ts";
import type { Json } from "./json.ts";

export type Status = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** An execution as it is stored. Inputs and outputs are JSON texts, exactly as they came. */
export interface ExecutionRecord {
  id: number;
  arn: string;
  name: string;
  machineArn: string;
  type: "STANDARD" | "EXPRESS";
  roleArn: string;
  /** The revision of the definition that it runs, and the states of it: "" or those of a Distributed Map. */
  definition: number;
  container: string;
  status: Status;
  input: string;
  output: string | null;
  error: string | null;
  cause: string | null;
  /** Milliseconds since 1970. */
  started: number;
  stopped: number | null;
  /** When the machine's TimeoutSeconds are over, in milliseconds since 1970. */
  deadline: number | null;
  mapRunArn: string | null;
  /** The item of a Distributed Map's child, as JSON text with its index. */
  item: string | null;
  /** The branch of another execution that started this one, and in which attempt. */
  parent: number | null;
  parentBranch: number | null;
  parentAttempt: number | null;
  /** The version and the alias of the state machine that it was started by. */
  versionArn: string | null;
  aliasArn: string | null;
}

/** An event of an execution's history, as GetExecutionHistory returns it; `timestamp` in milliseconds since 1970. */
export interface HistoryEvent {
  id: number;
  previousEventId: number;
  timestamp: number;
  type: string;
  /** The member that holds the details, e.g. `stateEnteredEventDetails`, and what is in it. */
  details?: [member: string, Record<string, unknown>];
}

/** An execution that is open, in memory. */
export interface Execution {
  record: ExecutionRecord;
  machine: Machine;
  branches: Map<number, Branch>;
  nextBranch: number;
  nextEvent: number;
  /** The branches that can go on at once. */
  runnable: Branch[];
  /** The branches that have come to their end, which is dealt with before any other goes on. */
  ended: Branch[];
  /** What the step under way has changed and not yet stored. */
  changed: Set<Branch>;
  removed: Set<number>;
  events: HistoryEvent[];
  /** To be done once the step is stored. */
  afterwards: (() => void)[];
  /** Ends when all steps so far are done: steps of one execution run one after another. */
  steps: Promise<void>;
  /** Called once the execution has ended and that is stored. */
  whenEnded: ((record: ExecutionRecord) => void)[];
  /** Takes back the timer of each branch, and under -1 that of the execution. */
  timers: Map<number, () => void>;
}

/**
 * Where events link to: `last` is what the next event follows; `tail` is the newest event, which some (the …Succeeded,
 * …Aborted) become without being followed.
 */
export interface Chain {
  last: number;
  tail: number;
}

/** A line of states under way: the execution's own, a branch of a Parallel, or an iteration of a Map. Plain JSON. */
export interface Branch {
  id: number;
  /** The branch whose Parallel or Map this one belongs to, and its place there. */
  parent?: number;
  index: number;
  container: string;
  chain: Chain;
  /** The variables of this scope, as JSON texts. */
  variables: Record<string, string>;
  /** The item of an iteration. */
  item?: Json;
  visit?: Visit;
  phase: Phase;
}

/** A stay in a state. */
export interface Visit {
  state: string;
  /** JSON text. */
  input: string;
  /** The event that entered it, and when (milliseconds since 1970). */
  event: number;
  entered: number;
  /** How often each retrier was used. */
  retries: number[];
}

export type Phase =
  /** A state is to be entered. */
  | { at: "next"; state: string; input: string }
  /** The state that was entered is to be run (again). */
  | { at: "run" }
  | { at: "waiting"; until: number }
  | { at: "retrying"; until: number }
  | TaskPhase
  | ChildrenPhase
  /** An iteration that has not begun. */
  | { at: "pending" }
  /** The last state was left, or one failed and nothing caught it: dealt with in the same step, so never stored. */
  | { at: "ended"; output: string }
  | { at: "failed"; failure: Failure }
  /** What the branch belongs to has taken note of its end. */
  | { at: "done"; output: string };

/** A Task that was begun. */
export interface TaskPhase {
  at: "task";
  /** The event that scheduled it, which tells the answers to it from those to an earlier attempt. */
  attempt: number;
  /** What is called; gone once that was answered and something else is waited for. */
  call?: Call;
  token?: string;
  /** The execution that the task waits for. */
  child?: number;
  timeoutAt?: number;
  heartbeatMs?: number;
  heartbeatAt?: number;
}

/** A call under way, which is made again when it is open after a restart. */
export type Call =
  | { kind: "function"; functionName: string; payload: Json }
  | { kind: "start"; machineArn: string; name: string; input: string };

/** A Parallel or a Map whose branches are under way. */
export interface ChildrenPhase {
  at: "children";
  total: number;
  /** The branch of the first child; the others follow. */
  first: number;
  /** How many may run at once, how many were begun, have ended, have failed. */
  limit: number;
  begun: number;
  ended: number;
  failed: number;
  /** How many may fail, if that is said. */
  tolerated?: number;
  mapRunArn?: string;
}
