import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";

const dynamodb = new DynamoDBClient();
const ssm = new SSMClient();

/** Keeps a task token under the execution's name, then sends the command whose end returns it. */
export async function handler({ name, token }: { name: string; token: string }): Promise<void> {
  const Item = { id: { S: name }, token: { S: token } };
  await dynamodb.send(new PutItemCommand({ TableName: "tokens", Item }));
  await ssm.send(
    new SendCommandCommand({ DocumentName: "Awaited", InstanceIds: ["i-00000000000000001"], Comment: name }),
  );
}
