import { FORMS } from "./forms.ts";

// Checks of arguments. An error names the argument and never its value: a value here may be a key.

function demand(holds: boolean, name: string, form: string): void {
  if (!holds) throw new TypeError(`${name} must be ${form}`);
}

function hasForm(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}

/** Whether `value` is an instance ID: 6 lower-case hexadecimal characters. */
export function isInstanceId(value: unknown): value is string {
  return hasForm(value, FORMS.instanceId);
}

/** Whether `value` is an ID that EC2 gives: `i-` and 17 (or, from before 2016, 8) lower-case hexadecimal characters. */
export function isEc2InstanceId(value: unknown): value is string {
  return hasForm(value, FORMS.ec2InstanceId);
}

/** Whether `value` is the ARN of an IAM role. */
export function isRoleArn(value: unknown): value is string {
  return hasForm(value, FORMS.roleArn);
}

/** Whether `value` is 64 lower-case hexadecimal characters: the form of keys, nonces, hashes, proofs and public keys. */
export function isHex64(value: unknown): value is string {
  return hasForm(value, FORMS.hex64);
}

/** Whether `value` is a nonce: 64 lower-case hexadecimal characters, or empty in the compatibility mode. */
export function isNonce(value: unknown): value is string {
  return hasForm(value, FORMS.nonce);
}

/** Whether `value` counts something from 1: a generation, the number of a line. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** @throws TypeError when `value` is not 64 lower-case hexadecimal characters */
export function demandHex64(value: unknown, name: string): void {
  demand(isHex64(value), name, "64 lower-case hexadecimal characters");
}

/** @throws TypeError when `value` is neither empty nor 64 lower-case hexadecimal characters */
export function demandHex64OrEmpty(value: unknown, name: string): void {
  demand(value === "" || isHex64(value), name, "empty or 64 lower-case hexadecimal characters");
}

/** @throws TypeError when `value` is not a whole number of 1 or more */
export function demandCount(value: unknown, name: string): void {
  demand(isCount(value), name, "a whole number of 1 or more");
}

/** @throws TypeError when one of the three fields that name a key is malformed */
export function demandKeyName(name: { id: unknown; ec2InstanceId: unknown; generation: unknown }): void {
  demand(isInstanceId(name.id), "id", "6 lower-case hexadecimal characters");
  demand(isEc2InstanceId(name.ec2InstanceId), "ec2InstanceId", "an EC2 instance ID (i-…)");
  demandCount(name.generation, "generation");
}

/** @throws TypeError when `value` is not a moment in whole milliseconds since 1970 */
export function demandTimeMs(value: unknown): void {
  demand(Number.isSafeInteger(value) && (value as number) >= 0, "timeMs", "milliseconds since 1970, a whole number");
}

/** @throws TypeError when `value` is no text */
export function demandString(value: unknown, name: string): void {
  demand(typeof value === "string", name, "a text");
}

/** @throws TypeError when `value` is no text, is empty, or holds half a character, which UTF-8 cannot write */
export function demandText(value: unknown, name: string): void {
  demand(typeof value === "string" && value !== "" && value.isWellFormed(), name, "a text that is not empty");
}

/** @throws TypeError when `value` is not the text of a JSON value */
export function demandJson(value: unknown, name: string): void {
  demandText(value, name);
  try {
    JSON.parse(value as string);
  } catch {
    // JSON.parse would quote what it could not read.
    demand(false, name, "the text of a JSON value");
  }
}

/** @throws TypeError when `value` is not a day of the calendar, such as `2026-11-26` */
export function demandDay(value: unknown, name: string): void {
  const isDay =
    typeof value === "string" &&
    /^\d{4}-\d{2}-\d{2}$/.test(value) &&
    // A day that the month does not have comes back as one of the next month, or not at all.
    new Date(`${value}T00:00:00Z`).getTime() >= 0 &&
    new Date(`${value}T00:00:00Z`).toISOString().startsWith(value);
  demand(isDay, name, "a day such as 2026-11-26");
}

/** @throws TypeError when `value` is not a list */
export function demandList(value: unknown, name: string): void {
  demand(Array.isArray(value), name, "a list");
}
