import { createHash } from "node:crypto";
import type { SignedCall } from "../http/dispatcher.ts";
import type { Principal } from "../http/service.ts";
import { roleName } from "../iam/role.ts";
import { isoTime } from "../iam/time.ts";
import { ACCOUNT, REGION } from "../place.ts";

/** A call as it is kept. */
export interface KeptCall {
  /** Milliseconds since 1970. */
  at: number;
  accessKeyId: string;
  principal: Principal;
  /** Signing name. */
  service: string;
  operation: string;
  requestId: string;
  userAgent?: string;
  error?: string;
  errorMessage?: string;
  parameters?: Record<string, unknown>;
}

/** Calls to data, of which CloudTrail's history has none; of a service without names, all of them. */
const DATA: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ["GetItem", "PutItem", "UpdateItem", "Query", "Scan"],
  lambda: ["Invoke", "InvokeFunctionUrl"],
  sns: ["Publish"],
  events: ["PutEvents"],
  timestream: ["DescribeEndpoints", "WriteRecords", "Query"],
};

/** Parameters that say which thing a call was about and cannot be secret; all others are left out. */
const HARMLESS = new Set([
  ...["UserName", "AccessKeyId", "Status", "PolicyName", "PolicyArn", "RoleArn", "RoleName", "RoleSessionName"],
  ...["DurationSeconds", "FunctionName", "SecretId", "VersionId", "VersionStage", "Name", "KeyId", "AliasName"],
  ...["TopicArn", "DocumentName", "InstanceId", "InstanceIds", "CommandId", "EventBusName", "Rule", "DatabaseName"],
  ...["TableName", "name", "stateMachineArn", "executionArn", "roleArn"],
]);
const LONGEST = 256;
const MOST_ITEMS = 50;

/** Whether a call belongs in the history: one that manages, and whose operation was known. */
export function isManagement({ service, operation }: Pick<SignedCall, "service" | "operation">): boolean {
  return operation !== "" && !DATA[service]?.includes(operation);
}

export function keptCall(call: SignedCall): KeptCall {
  const { at, accessKeyId, principal, service, operation, requestId, userAgent, error, errorMessage } = call;
  const parameters = harmlessOf(call.input);
  return {
    ...{ at, accessKeyId, principal, service, operation, requestId },
    ...(userAgent !== undefined && { userAgent: userAgent.slice(0, LONGEST) }),
    ...(error !== undefined && { error }),
    ...(errorMessage !== undefined && { errorMessage: errorMessage.slice(0, 4 * LONGEST) }),
    ...(parameters && { parameters }),
  };
}

function harmlessOf(input: unknown): Record<string, unknown> | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const known = Object.entries(input).flatMap(([name, value]): [string, unknown][] => {
    const said = HARMLESS.has(name) ? plain(value) : undefined;
    return said === undefined ? [] : [[name.charAt(0).toLowerCase() + name.slice(1), said]];
  });
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

function plain(value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, LONGEST);
  if (typeof value === "number" || typeof value === "boolean") return value;
  return Array.isArray(value) ? value.slice(0, MOST_ITEMS).map(plain) : undefined;
}

/** The name by which CloudTrail finds whoever called: a user's, or that of a role's session. */
export function userNameOf({ arn }: Principal): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** An event as LookupEvents gives it. */
export function eventOf(call: KeptCall): Record<string, unknown> {
  const { at, accessKeyId, principal, service, operation, requestId } = call;
  const EventId = eventId(requestId);
  const readOnly = /^(Get|List|Describe|Lookup|Filter|Encrypt|Decrypt|GenerateMac)/.test(operation);
  const EventSource = `${service}.amazonaws.com`;
  return {
    EventId,
    EventName: operation,
    ReadOnly: String(readOnly),
    AccessKeyId: accessKeyId,
    EventTime: new Date(Math.floor(at / 1000) * 1000),
    EventSource,
    Username: userNameOf(principal),
    Resources: [],
    CloudTrailEvent: JSON.stringify({
      eventVersion: "1.11",
      userIdentity: identityOf(principal, accessKeyId),
      eventTime: isoTime(at),
      eventSource: EventSource,
      eventName: operation,
      awsRegion: REGION,
      // Nobody else reaches the loopback, and what a client claims of its address is not believed.
      sourceIPAddress: "127.0.0.1",
      userAgent: call.userAgent,
      errorCode: call.error,
      errorMessage: call.errorMessage,
      requestParameters: call.parameters ?? null,
      responseElements: null,
      requestID: requestId,
      eventID: EventId,
      readOnly,
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: "Management",
    }),
  };
}

function identityOf(principal: Principal, accessKeyId: string): Record<string, unknown> {
  const { kind, arn, userId: principalId, issuedAt } = principal;
  const who = { principalId, arn, accountId: ACCOUNT, accessKeyId };
  const attributes =
    issuedAt === undefined ? undefined : { creationDate: isoTime(issuedAt), mfaAuthenticated: "false" };
  if (kind === "user" || kind === "operator") {
    const sessionContext = attributes && { attributes };
    return { type: "IAMUser", ...who, userName: userNameOf(principal), ...(sessionContext && { sessionContext }) };
  }
  const userName = roleName(arn);
  const issuer = { type: "Role", principalId: principalId.split(":")[0], accountId: ACCOUNT, userName };
  const sessionIssuer = { ...issuer, arn: `arn:aws:iam::${ACCOUNT}:role/${userName}` };
  return { type: "AssumedRole", ...who, sessionContext: { sessionIssuer, attributes } };
}

/** An event's ID follows from that of its request, so that each look gives the same. */
function eventId(requestId: string): string {
  const digest = createHash("sha256").update(requestId).digest("hex").slice(0, 32);
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
