import { AwsError } from "../../http/service.ts";
import { ACCOUNT, REGION } from "../../place.ts";
import type { Failure } from "../failure.ts";
import { isTooLong, readJson } from "../json.ts";
import { invalidInput, validation } from "../refusals.ts";

const LONGEST_NAME = 80;
// What AWS does not allow in names: white space, brackets, wildcards, special and control characters.
const FORBIDDEN_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}]/u;

/** @throws AwsError ValidationException unless it is a text */
export function requireText(value: unknown, member: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw validation(`Value at '${member}' failed to satisfy constraint: Member must not be null`);
}

/** A text that may be left out. @throws AwsError ValidationException if it is none, or longer than `most` characters */
export function optionalText(value: unknown, member: string, most: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value.length <= most) return value;
  throw validation(
    `Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
  );
}

/** The error and cause that somebody gives for a failure. @throws AwsError ValidationException */
export function givenFailure(input: Record<string, unknown>): Failure {
  const error = optionalText(input.error, "error", 256);
  const cause = optionalText(input.cause, "cause", 32_768);
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}

/** @throws AwsError InvalidName, or ValidationException for its length */
export function requireName(value: unknown): string {
  const name = optionalText(requireText(value, "name"), "name", LONGEST_NAME) ?? "";
  if (!FORBIDDEN_IN_NAMES.test(name)) return name;
  throw new AwsError("InvalidName", `Invalid Name: '${name}'`);
}

/** @throws AwsError InvalidArn unless it is the ARN of a role */
export function requireRole(value: unknown): string {
  const arn = requireText(value, "roleArn");
  if (/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(arn)) return arn;
  throw new AwsError("InvalidArn", `Invalid Role Arn: '${arn}'`);
}

/** @throws AwsError InvalidArn unless it is the ARN of a resource of that kind */
export function requireArn(value: unknown, member: string, kinds: string[]): string {
  const arn = requireText(value, member);
  const parts = arn.split(":");
  if (parts.length >= 7 && arn.startsWith("arn:aws:states:") && kinds.includes(parts[5] ?? "")) return arn;
  throw new AwsError("InvalidArn", `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
}

export function machineArnOf(name: string): string {
  return `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;
}

/** The input of a new execution, exactly as given. @throws AwsError InvalidExecutionInput, ValidationException */
export function requireInput(value: unknown): string {
  const input = value === "" ? value : requireText(value ?? "{}", "input");
  if (isTooLong(input)) {
    const limit = "Member must have length less than or equal to 262144";
    throw validation(`Value at 'input' failed to satisfy constraint: ${limit}`);
  }
  try {
    readJson(input);
  } catch (error) {
    throw invalidInput((error as Error).message);
  }
  return input;
}

/** A page's size. @throws AwsError ValidationException */
export function pageSize(value: unknown): number {
  if (value === undefined || value === 0) return 100;
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 1000) return value;
  throw validation("Value at 'maxResults' failed to satisfy constraint: Member must be between 0 and 1000");
}

/** AWS's JSON protocol writes moments in seconds since 1970. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}
