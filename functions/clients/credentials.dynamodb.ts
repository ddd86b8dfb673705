import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { CREDENTIAL_ITEM, type CredentialRecord } from "../credential/record.ts";
import type { Maker } from "../shared/neighbours.ts";
import { ifTheConditionHolds } from "./conditions.ts";
import type { Credentials } from "./credentials.ts";

/**
 * What is remembered of credentials, in the table of the records: as items whose keys have no instance ID's form, so that
 * they are never taken for records, and with nothing in them that is a key of an index.
 */
export function dynamoCredentials(client: DynamoDBClient, table: string): Credentials {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return {
    async find(name) {
      const { Item } = await documents.send(
        new GetCommand({ TableName: table, Key: keyOf(name), ConsistentRead: true }),
      );
      return Item && recordFrom(Item);
    },

    async write(record, before) {
      const written = { ...record, version: (before?.version ?? 0) + 1 };
      const condition =
        before === undefined
          ? { ConditionExpression: "attribute_not_exists(id)" }
          : {
              ConditionExpression: "#version = :read",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":read": before.version },
            };
      const isWritten = await ifTheConditionHolds(
        documents.send(new PutCommand({ TableName: table, Item: { ...keyOf(record.name), ...written }, ...condition })),
      );
      return isWritten && written;
    },
  };
}

function keyOf(name: string): { id: string } {
  return { id: `${CREDENTIAL_ITEM}${name}` };
}

function recordFrom({ id: _, ...record }: Record<string, unknown>): CredentialRecord {
  return record as unknown as CredentialRecord;
}

export const credentials: Maker<"credentials"> = ({ INSTANCE_TABLE }) =>
  dynamoCredentials(new DynamoDBClient(), INSTANCE_TABLE);
