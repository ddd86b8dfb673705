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

/** What `dynamodb:LeadingKeys` is in a call; a Scan has none. */
export function leadingKeys({ Item, Key, KeyConditions }: DataInput, partitionKey: string): string[] | undefined {
  const value = (Item ?? Key)?.[partitionKey] ?? KeyConditions?.[partitionKey]?.AttributeValueList?.[0];
  const text = value?.S ?? value?.N ?? value?.B;
  return text === undefined ? undefined : [text];
}
