/** Where the embedded AWS pretends to be. */
export const PARTITION = "aws";
export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";

/** An ARN in that place, e.g. `arnOf("states", "stateMachine:rotation")`. */
export function arnOf(service: string, resource: string): string {
  return `arn:${PARTITION}:${service}:${REGION}:${ACCOUNT}:${resource}`;
}
