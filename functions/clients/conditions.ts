import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";

/** Every `#name` in an expression, mapped to itself: it spares knowing which words DynamoDB reserves. */
export function namesIn(expression: string): Record<string, string> {
  return Object.fromEntries((expression.match(/#\w+/g) ?? []).map((name) => [name, name.slice(1)]));
}

/** Undefined if the write's condition did not hold; every other failure is thrown. */
export async function ifTheConditionHolds<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
