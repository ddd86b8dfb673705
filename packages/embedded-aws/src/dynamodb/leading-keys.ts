/** A value as DynamoDB's API has it; a key is a text, a number or bytes. */
type AttributeValue = { S?: string; N?: string; B?: string };

/** What a call of DynamoDB may name partition keys in; a query's conditions as dynalite reads them from its expression. */
export interface DataInput {
  TableName?: string;
  IndexName?: string;
  Item?: Record<string, AttributeValue>;
  Key?: Record<string, AttributeValue>;
  KeyConditions?: Record<string, { AttributeValueList?: AttributeValue[] }>;
}

/** What `dynamodb:LeadingKeys` is in a call; a Scan has none. What else is in the input, is not heeded by the call. */
export function leadingKeys(operation: string, input: DataInput, partitionKey: string): string[] | undefined {
  const { Item, Key, KeyConditions } = input;
  const queried = operation === "Query" ? KeyConditions?.[partitionKey]?.AttributeValueList?.[0] : Key?.[partitionKey];
  const value = operation === "PutItem" ? Item?.[partitionKey] : queried;
  const text = value?.S ?? value?.N ?? value?.B;
  return text === undefined ? undefined : [text];
}
