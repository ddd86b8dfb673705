/**
 * Draws an instance ID: 6 lower-case hexadecimal characters, as the boot script of the original exercise does. 24 bits
 * collide now and then (1 % at 581 instances); the registration tells, and the agent draws again.
 *
 * @param random gives that many random bytes, e.g. `randomBytes` of node:crypto
 */
export function drawInstanceId(random: (bytes: number) => Buffer): string {
  return random(3).toString("hex");
}
