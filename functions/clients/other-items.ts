import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Owner } from "../record/owner.ts";
import { ifTheConditionHolds } from "./conditions.ts";
import type { Registry } from "./registry.ts";

/** Longer than credentials last that the host was given. */
const ENDED_OWNER_KEPT_DAYS = 7;

type OtherItems = Pick<Registry, "findOwner" | "writeOwner" | "noteEnded">;

/**
 * What the registry keeps beside the records, in items of their own: their keys have no instance ID's form, so that they are
 * never taken for records, and nothing in them is a key of an index.
 */
export function otherItems(documents: DynamoDBDocumentClient, table: string): OtherItems {
  return {
    async findOwner(ec2InstanceId) {
      const answer = await documents.send(
        new GetCommand({ TableName: table, Key: ownerOf(ec2InstanceId), ConsistentRead: true }),
      );
      return answer.Item && ownerFrom(answer.Item);
    },

    async writeOwner(ec2InstanceId, { holder, newcomer, displaced, former, cameAt, endedAt }, before) {
      const owner = { holder, newcomer, displaced, former, cameAt, endedAt, version: (before?.version ?? 0) + 1 };
      const written = await ifTheConditionHolds(
        documents.send(
          new PutCommand({
            TableName: table,
            Item: { ...ownerOf(ec2InstanceId), ...owner },
            ...(before === undefined
              ? { ConditionExpression: "attribute_not_exists(id)" }
              : {
                  ConditionExpression: "#version = :read",
                  ExpressionAttributeNames: { "#version": "version" },
                  ExpressionAttributeValues: { ":read": before.version },
                }),
          }),
        ),
      );
      return written && ownerFrom(owner);
    },

    async noteEnded(ec2InstanceId, { at }) {
      const answer = await documents.send(
        new UpdateCommand({
          TableName: table,
          Key: ownerOf(ec2InstanceId),
          UpdateExpression:
            "SET endedAt = if_not_exists(endedAt, :at), cameAt = if_not_exists(cameAt, :never), expiresAt = :expires " +
            "ADD #version :one",
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: {
            ":at": at,
            ":never": [],
            ":expires": Math.ceil(at / 1000) + ENDED_OWNER_KEPT_DAYS * 86_400,
            ":one": 1,
          },
          ReturnValues: "ALL_NEW",
        }),
      );
      return ownerFrom(answer.Attributes ?? {});
    },
  };
}

function ownerOf(ec2InstanceId: string): { id: string } {
  return { id: `owner#${ec2InstanceId}` };
}

/** The item as it lies in the table, without its key and its expiry; what is not there is left out. */
function ownerFrom({ holder, newcomer, displaced, former, cameAt, endedAt, version }: Record<string, unknown>): Owner {
  const given = Object.entries({ holder, newcomer, displaced, former, endedAt }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...Object.fromEntries(given), cameAt: cameAt as number[], version: Number(version) };
}
