/** Where the embedded AWS pretends to be. */
export const PARTITION = "aws";
export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";

/** The ARN of a state machine in its own, or in that of one of its versions, aliases or Map states. */
export function machineArn(arn: string): string {
  return arn.split(":").slice(0, 7).join(":").split("/")[0] ?? arn;
}

/** An ARN in that place, e.g. `arnOf("states", "stateMachine:rotation")`. */
export function arnOf(service: string, resource: string): string {
  return `arn:${PARTITION}:${service}:${REGION}:${ACCOUNT}:${resource}`;
}
