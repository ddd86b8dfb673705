import type { Scalar, Template } from "../template.ts";

/** A state machine's definition, checked and compiled. */
export interface Machine {
  /** Seconds that an execution may take. */
  timeoutSeconds?: number;
  /** The states of the machine itself under "", those of branches and iterations under the path that leads there. */
  containers: Map<string, Container>;
}

/** States that belong together: the machine's, a branch's, or those that an iteration runs. */
export interface Container {
  startAt: string;
  states: Map<string, State>;
}

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

interface Named {
  name: string;
}

interface WithOutput {
  output?: Template;
}

export interface WithAssign extends WithOutput {
  /** The variables that the state sets, if it does. */
  assign?: Template;
}

interface WithNext extends WithAssign {
  /** The state that follows; none where this one ends its container. */
  next?: string;
}

/** What happens when the state fails. */
export interface WithHandlers {
  retriers: Retrier[];
  catchers: Catcher[];
}

export interface Retrier {
  errors: string[];
  intervalSeconds: number;
  maxAttempts: number;
  backoffRate: number;
  maxDelaySeconds?: number;
  fullJitter: boolean;
}

export interface Catcher extends WithAssign {
  errors: string[];
  next: string;
}

export interface PassState extends Named, WithNext {
  type: "Pass";
}

export interface TaskState extends Named, WithNext, WithHandlers {
  type: "Task";
  resource: Resource;
  arguments?: Template;
  timeoutSeconds?: Scalar<number>;
  heartbeatSeconds?: Scalar<number>;
}

/** What a Task calls. */
export type Resource =
  | { kind: "function"; arn: string }
  | { kind: "lambda:invoke"; name: "invoke" | "invoke.waitForTaskToken"; token: boolean }
  | {
      kind: "states:startExecution";
      name: "startExecution" | "startExecution.sync" | "startExecution.sync:2" | "startExecution.waitForTaskToken";
      token: boolean;
      /** Whether the Task ends with the execution, and whether its output is then parsed. */
      sync?: "text" | "parsed";
    };

export interface ChoiceState extends Named, WithAssign {
  type: "Choice";
  rules: (WithAssign & { condition: Scalar<boolean>; next: string })[];
  default?: string;
}

export interface WaitState extends Named, WithNext {
  type: "Wait";
  seconds?: Scalar<number>;
  timestamp?: Scalar<string>;
}

export interface SucceedState extends Named, WithOutput {
  type: "Succeed";
}

export interface FailState extends Named {
  type: "Fail";
  error?: Scalar<string>;
  cause?: Scalar<string>;
}

export interface ParallelState extends Named, WithNext, WithHandlers {
  type: "Parallel";
  arguments?: Template;
  /** The containers of its branches. */
  branches: string[];
}

export interface MapState extends Named, WithNext, WithHandlers {
  type: "Map";
  items?: Template;
  itemSelector?: Template;
  /** The container of its iterations. */
  processor: string;
  /** Whether iterations are executions of their own, and under which label. */
  distributed?: { label: string };
  maxConcurrency?: Scalar<number>;
  toleratedFailureCount?: Scalar<number>;
  toleratedFailurePercentage?: Scalar<number>;
}
