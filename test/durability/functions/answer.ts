import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SendTaskSuccessCommand, SFNClient, TaskDoesNotExist, TaskTimedOut } from "@aws-sdk/client-sfn";
import { GetCommandInvocationCommand, SSMClient } from "@aws-sdk/client-ssm";

const dynamodb = new DynamoDBClient();
const ssm = new SSMClient();
const sfn = new SFNClient();

/** Returns the token that waits for a command, when EventBridge tells of the command's end. */
export async function handler(event: { detail: { "command-id": string; "instance-id": string } }): Promise<void> {
  const { "command-id": CommandId, "instance-id": InstanceId } = event.detail;
  const { Comment = "" } = await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: "tokens", Key: { id: { S: Comment } } }));
  try {
    await sfn.send(new SendTaskSuccessCommand({ taskToken: Item?.token?.S, output: JSON.stringify({ by: Comment }) }));
  } catch (error) {
    // Events come at least once: the token was returned before.
    if (!(error instanceof TaskTimedOut) && !(error instanceof TaskDoesNotExist)) throw error;
  }
}
