import { arnOf } from "../place.ts";

/** A Lambda function as it was deployed here. */
export interface FunctionDefinition {
  name: string;
  /** The file of the module that exports `handler`; absolute, or from where this process was when it was defined. */
  modulePath: string;
  /** Its own variables; those that every function has come from the runtime. */
  environment?: Record<string, string>;
  /** 3 where it is left out, as on AWS. */
  timeoutSeconds?: number;
  /** Megabytes; what the function is told, not a limit here. */
  memorySize?: number;
  description?: string;
  /** ARN of the destination of asynchronous invocations that failed for good. */
  onFailure?: string;
}

/** Bytes of a synchronous invocation's request and response, as AWS counts them. */
export const REQUEST_LIMIT = 6 * 1024 * 1024;
export const RESPONSE_LIMIT = REQUEST_LIMIT + 100;
/** Bytes of an asynchronous invocation's request. */
export const EVENT_LIMIT = 1024 * 1024;

/** How long a handler may take, in milliseconds. */
export function timeLimitOf({ timeoutSeconds = 3 }: FunctionDefinition): number {
  return timeoutSeconds * 1000;
}

/** The ARN of a function here. */
export function functionArn(name: string): string {
  return arnOf("lambda", `function:${name}`);
}

/** The name in a function's name, partial ARN or ARN, with or without a qualifier. */
export function functionName(nameOrArn: string): string {
  return /^(?:arn:aws:lambda:[^:]*:)?(?:[^:]*:function:)?([^:]+)(?::[^:]+)?$/.exec(nameOrArn)?.[1] ?? nameOrArn;
}
