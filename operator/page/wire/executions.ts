/** The flows whose executions Step Functions lists, and whose histories it keeps. */
export const LISTED_FLOWS = ["rotation", "fleet-rotation", "watch", "operate", "credential", "exposed-key"] as const;
export type ListedFlow = (typeof LISTED_FLOWS)[number];

/** By these, executions are chosen. */
export const STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"] as const;

/** How Step Functions says that an execution is. */
export type ExecutionStatus = (typeof STATUSES)[number] | "PENDING_REDRIVE";

/** An execution, as lists have it. */
export interface ExecutionRow {
  arn: string;
  flow: string;
  name: string;
  status: ExecutionStatus;
  startedAt: number;
  stoppedAt?: number;
  /** Whom it is about, as its name says: the ID of an instance, or a secret's name with hyphens. */
  about?: string;
}

/** A page of executions, the newest first. */
export interface ExecutionsDocument {
  executions: ExecutionRow[];
  /** The flows that are deployed here, and whose executions can be listed. */
  flows: string[];
  /** What the next page is asked for by; none where this is the last one. */
  after?: string;
  /** Where the history of registrations is, which are no executions that can be listed. */
  registrationLog: string;
}

/** JSON as it was, indented; of what is too long, the beginning. */
export interface Json {
  text: string;
  /** How many characters there are in all, where these are not all of them. */
  cutOf?: number;
}

/** What came of a visit to a state. `caught`: it failed, and the flow goes on by one of its catches. */
export type Outcome = "running" | "done" | "caught" | "failed" | "aborted" | "timed out";

/** A visit to a state. */
export interface Step {
  /** Of the event by which it was entered. */
  event: number;
  state: string;
  /** As the language calls it, e.g. `Task`. */
  type: string;
  /** How many Maps and Parallels it is inside of, and which of their iterations or branches it is in, e.g. `ForEach 2`. */
  depth: number;
  within?: string;
  enteredAt: number;
  /** When it was left, or was ended; none of one that goes on. */
  exitedAt?: number;
  outcome: Outcome;
  /** How often it was tried: 0 of a state that tries nothing, as a Choice. */
  attempts: number;
  /** What its last try failed with, if that did. */
  error?: string;
  cause?: string;
  /** The execution that it started. */
  started?: string;
}

/** How often something was passed, and how it is with it now. */
export interface GraphNode {
  state: string;
  type: string;
  /** What its author says of it. */
  comment?: string;
  visits: number;
  /** Of the last visit; none where there was none. */
  outcome?: Outcome;
  /** What happens inside of it: of a Map one graph, of a Parallel one for each branch. */
  inside: Graph[];
  /** Whether each of its items has an execution of its own. */
  isDistributed?: boolean;
}

export interface GraphEdge {
  from: string;
  to: string;
  /** How often it went this way: 0 of one that it did not. */
  taken: number;
  /** The error that was caught; an edge that no error has taken is left out. */
  error?: string;
}

/** States and the ways between them, as the definition has them. */
export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export interface EventRow {
  id: number;
  at: number;
  type: string;
  /** The state that it is about. */
  state?: string;
  details?: Json;
}

/** Why an execution ended as nobody wants it to. */
export interface ExecutionFailure {
  error: string;
  /** As a sentence; empty where nothing is said. */
  cause: string;
  /** In which state it began, and what that one says of it, where the cause does not. */
  state?: string;
  because?: string;
}

/** One execution, all of it. */
export interface ExecutionDocument extends Omit<ExecutionRow, "about"> {
  failure?: ExecutionFailure;
  /** Whom its input names: the ID of an instance, or the name of a secret. */
  id?: string;
  secret?: string;
  /** Who asked for it, by what and why, as the input claims; only what is there. */
  asked: { requestedBy?: string; trigger?: string; run?: string; reason?: string; act?: string };
  input: Json;
  output?: Json;
  graph: Graph;
  steps: Step[];
  events: EventRow[];
  /** Whether there are more events than are read. */
  isCut: boolean;
  /** The way it took, in words. */
  way: string;
  /** The executions of the items of its Maps, the newest first, and whether there are more. */
  items: ExecutionRow[];
  hasMoreItems: boolean;
  /** Where AWS's console shows it. */
  link: string;
}
