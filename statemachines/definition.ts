/** What a flow's file says, as far as programs read it: the part of the Amazon States Language that the flows use. */
export interface Definition extends Scope {
  Comment: string;
  QueryLanguage: "JSONata";
  /** How long an execution may take. */
  TimeoutSeconds: number;
}

/** States among which transitions happen: a flow's, or those inside a Map. */
export interface Scope {
  StartAt: string;
  States: Record<string, State>;
  /** Inside of a Map: whether its items run in the execution itself, or each in one of its own. */
  ProcessorConfig?: { Mode: "INLINE" | "DISTRIBUTED" };
}

/** A state of any type; `Type` decides which of the fields it has. */
export interface State {
  Type: string;
  Resource?: string;
  Arguments?: { FunctionName?: string; Payload?: unknown; [argument: string]: unknown };
  Assign?: Record<string, unknown>;
  Output?: unknown;
  Next?: string;
  Default?: string;
  TimeoutSeconds?: number | string;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Choices?: Choice[];
  ItemProcessor?: Scope;
  [field: string]: unknown;
}

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds: number;
  MaxAttempts: number;
  BackoffRate: number;
  MaxDelaySeconds: number;
  JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  Assign?: Record<string, unknown>;
  Output?: unknown;
}

export interface Choice {
  Condition: string;
  Next: string;
  Assign?: Record<string, unknown>;
  Output?: unknown;
}
