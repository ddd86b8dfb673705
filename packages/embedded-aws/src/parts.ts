import type { Clock } from "./clock.ts";
import type { Faults } from "./http/faults.ts";
import type { Question } from "./http/service.ts";
import type { Store } from "./store.ts";

/** What every service of the embedded AWS is given. */
export interface Parts {
  store: Store;
  clock: Clock;
  /** Random bytes: IDs, tokens, jitter. */
  random: (bytes: number) => Buffer;
  /** One sentence for the log of the embedded AWS. */
  log: (sentence: string) => void;
  /** What goes wrong on demand; nothing where it is left out. */
  faults?: Faults;
}

/** An event on an EventBridge bus, as AWS writes it. */
export interface BusEvent {
  version: "0";
  id: string;
  source: string;
  "detail-type": string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
}

/** Where services put the events that AWS itself raises (always the default bus). */
export interface EventSink {
  raise(event: Pick<BusEvent, "source" | "detail-type" | "resources" | "detail">): void;
}

/** What an invocation of a Lambda function came to; the error as Lambda reports it. */
export type Invocation =
  | { ok: true; payload: unknown }
  | { ok: false; errorType: string; errorMessage: string; trace?: string[] };

/** Runs Lambda functions for the other services. */
export interface FunctionInvoker {
  /**
   * Invokes a function and waits. Never rejects for what the function does: that is in the answer.
   *
   * @param functionName name or ARN, with or without `:$LATEST`
   * @throws AwsError ResourceNotFoundException when there is no such function
   */
  invoke(functionName: string, payload: unknown): Promise<Invocation>;
  /** What somebody needs to invoke it, a service on behalf of what an ARN names; nothing where this does not say. */
  toInvoke?(functionName: string, sourceArn?: string): Question;
  /** Whether there is such a function. */
  has?(functionName: string): boolean;
}

/** Keys of KMS, as services use them on behalf of others. */
export interface KeyUse {
  /** The ARN of a key that is named in any way. @throws AwsError NotFoundException */
  arnOf(name: string): string;
  /** What somebody needs so that a service (`sns`) may do these operations with a key for him. */
  through(service: string, keyArn: string, operations: readonly string[]): Question[];
}

/** Starts executions for EventBridge. */
export interface ExecutionStarter {
  /** @throws AwsError as StartExecution does */
  start(stateMachineArn: string, input: string, name?: string): Promise<void>;
}
