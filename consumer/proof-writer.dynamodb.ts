import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { useItemOf } from "../protocol/index.ts";
import type { ProofWriter } from "./proof-writer.ts";
import { clientSettings, type WriterPlace, writerOf } from "./writer-place.ts";

/**
 * Use proofs as items of the DynamoDB table with the samples. AWS lets an instance put items under its own ARN there, and a
 * role under its own, which is all that this needs.
 */
export function dynamodbProofs({ table }: { table: string }, place: WriterPlace): ProofWriter {
  const client = new DynamoDBClient(clientSettings(place));
  return {
    async write(use) {
      const identity = await place.identity();
      const written = { ...use, ...writerOf(identity) };
      const { instanceArn, idAndTime, secret, timeMs, proof, expiresAt } = useItemOf(written, identity);
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            instanceArn: { S: instanceArn },
            idAndTime: { S: idAndTime },
            secret: { S: secret },
            timeMs: { N: String(timeMs) },
            proof: { S: proof },
            expiresAt: { N: String(expiresAt) },
          },
        }),
      );
    },
    close: () => client.destroy(),
  };
}
