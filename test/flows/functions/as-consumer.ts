import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";

/** What a consumer that is a function is to try under its own role. */
export type Tried = { put: object; table: string } | { read: string } | { partition: string; table: string };

/** Tries it: by which error it was refused, if it was. */
export async function handler(tried: Tried): Promise<{ refused?: string }> {
  try {
    await attempt(tried);
    return {};
  } catch (error) {
    return { refused: (error as Error).name };
  }
}

async function attempt(tried: Tried): Promise<unknown> {
  if ("read" in tried) return new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId: tried.read }));
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
  const { table: TableName } = tried;
  if ("put" in tried) return documents.send(new PutCommand({ TableName, Item: tried.put as Record<string, unknown> }));
  const key = { KeyConditionExpression: "instanceArn = :own", ExpressionAttributeValues: { ":own": tried.partition } };
  return documents.send(new QueryCommand({ TableName, ...key }));
}
