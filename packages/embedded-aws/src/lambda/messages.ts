/** What crosses between the main thread and the thread that runs the handlers. Payloads are JSON text. */

/** A function made known to the handlers' thread; a higher version replaces the former one. */
export interface DefineMessage {
  kind: "define";
  name: string;
  arn: string;
  version: number;
  modulePath: string;
  memorySize: number;
  /** All of its variables. */
  environment: Record<string, string>;
}

export interface InvokeMessage {
  kind: "invoke";
  requestId: string;
  name: string;
  payload: string;
  timeoutMs: number;
}

export type ToHost = DefineMessage | InvokeMessage | { kind: "ping" };

/** An error as Lambda reports it. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

export type FromHost =
  /** The function's module is loaded; the handler's time begins. Sent with the first invocation only. */
  | { kind: "loaded"; requestId: string; name: string }
  | { kind: "returned"; requestId: string; payload: string }
  | { kind: "failed"; requestId: string; error: FunctionError }
  | { kind: "pong" };
