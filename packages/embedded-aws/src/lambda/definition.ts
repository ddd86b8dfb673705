import type { ResourceStatement } from "../iam/statement.ts";
import { ACCOUNT, arnOf } from "../place.ts";

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
  /** The name of its role, whose credentials it has; without one it has those of a role that nobody puts. */
  role?: string;
  /** Who may invoke it beside those whose roles say so. */
  permissions?: readonly FunctionPermission[];
  /** ARN of the destination of asynchronous invocations that failed for good. */
  onFailure?: string;
}

/** A statement of a function's resource policy, as AddPermission makes it. */
export interface FunctionPermission {
  /** A service, e.g. `events.amazonaws.com`, or the ARN of a role. */
  principal: string;
  /** On whose behalf a service may: the ARN of a rule; `*` may stand in it. */
  sourceArn?: string;
  /** On behalf of whose account a service may: its 12 digits. */
  sourceAccount?: string;
  /** `lambda:InvokeFunction` where it is left out. */
  action?: string;
}

/** The statements that these permissions on a function are. */
export function policyOf(functionArn: string, permissions: readonly FunctionPermission[]): ResourceStatement[] {
  return permissions.map(({ principal, sourceArn, sourceAccount, action = "lambda:InvokeFunction" }) => ({
    Effect: "Allow",
    Principal: principal.startsWith("arn:") ? { AWS: [principal] } : { Service: [principal] },
    Action: [action],
    Resource: [functionArn],
    Condition: {
      ...(sourceArn !== undefined && { ArnLike: { "aws:SourceArn": sourceArn } }),
      ...(sourceAccount !== undefined && { StringEquals: { "aws:SourceAccount": sourceAccount } }),
    },
  }));
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

/** The ARN of a function here; the ARN of another place stays what it is. */
export function functionArn(name: string): string {
  return name.startsWith("arn:") ? name : arnOf("lambda", `function:${name}`);
}

/** The ARN of a function that is named in any way, with the qualifier that is given. */
export function qualifiedArn(nameOrArn: string): string {
  const name = functionName(nameOrArn);
  return functionArn(nameOrArn.endsWith(`:${LATEST}`) ? `${name}:${LATEST}` : name);
}

/** The one qualifier that is known here. */
const LATEST = "$LATEST";

/**
 * The name in a function's name, partial ARN or ARN, with or without `$LATEST`. What names another version, or a function
 * of another place, is no function's name here.
 */
export function functionName(nameOrArn: string): string {
  const prefixes = [functionArn(""), `${ACCOUNT}:function:`];
  const prefix = prefixes.find((one) => nameOrArn.startsWith(one)) ?? "";
  const name = nameOrArn.slice(prefix.length);
  return name.endsWith(`:${LATEST}`) ? name.slice(0, -LATEST.length - 1) : name;
}
