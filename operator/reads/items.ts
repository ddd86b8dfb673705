import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Context } from "../context.ts";
import { clientIn } from "../place/clients.ts";

/**
 * DynamoDB by its documents. A number that is too large for JavaScript, as of a record that somebody has altered, becomes the one
 * that is nearest: the SDK would refuse the whole page for it, and nobody else's record would be seen any more.
 */
export function itemsIn(context: Pick<Context, "place" | "out">): DynamoDBDocumentClient {
  const unmarshallOptions = { wrapNumbers: (digits: string) => Number(digits) };
  return DynamoDBDocumentClient.from(clientIn(DynamoDBClient, context), { unmarshallOptions });
}
