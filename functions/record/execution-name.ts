/**
 * What a record calls an execution of the rotation: its name alone, which is unique for 90 days, since the whole ARN would
 * make the record longer than DynamoDB counts once.
 *
 * @param execution its ARN
 */
export function executionName(execution: string): string {
  return execution.slice(execution.lastIndexOf(":") + 1);
}
