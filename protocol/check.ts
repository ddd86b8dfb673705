// The forms of the arguments. An error names the argument and never its value: a value here may be a key.

const HEX_64 = /^[0-9a-f]{64}$/;
const INSTANCE_ID = /^[0-9a-f]{6}$/;
const EC2_INSTANCE_ID = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

function demand(holds: boolean, name: string, form: string): void {
  if (!holds) throw new TypeError(`${name} must be ${form}`);
}

/** Whether `value` is an instance ID: 6 lower-case hexadecimal characters. */
export function isInstanceId(value: unknown): value is string {
  return typeof value === "string" && INSTANCE_ID.test(value);
}

/** Whether `value` is an ID that EC2 gives: `i-` and 17 (or, from before 2016, 8) lower-case hexadecimal characters. */
export function isEc2InstanceId(value: unknown): value is string {
  return typeof value === "string" && EC2_INSTANCE_ID.test(value);
}

/** Whether `value` is 64 lower-case hexadecimal characters: the form of keys, nonces, hashes, proofs and public keys. */
export function isHex64(value: unknown): value is string {
  return typeof value === "string" && HEX_64.test(value);
}

/** @throws TypeError when `value` is not 64 lower-case hexadecimal characters */
export function demandHex64(value: unknown, name: string): void {
  demand(isHex64(value), name, "64 lower-case hexadecimal characters");
}

/** @throws TypeError when `value` is neither empty nor 64 lower-case hexadecimal characters */
export function demandNonce(value: unknown): void {
  demand(value === "" || isHex64(value), "nonce", "empty or 64 lower-case hexadecimal characters");
}

/** @throws TypeError when one of the three fields that name a key is malformed */
export function demandKeyName(name: { id: unknown; ec2InstanceId: unknown; generation: unknown }): void {
  demand(isInstanceId(name.id), "id", "6 lower-case hexadecimal characters");
  demand(isEc2InstanceId(name.ec2InstanceId), "ec2InstanceId", "an EC2 instance ID (i-…)");
  demand(
    Number.isSafeInteger(name.generation) && (name.generation as number) >= 1,
    "generation",
    "a whole number of 1 or more",
  );
}

/** @throws TypeError when `value` is not a moment in whole milliseconds since 1970 */
export function demandTimeMs(value: unknown): void {
  demand(Number.isSafeInteger(value) && (value as number) >= 0, "timeMs", "milliseconds since 1970, a whole number");
}
