import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { ACCOUNT } from "embedded-aws";
import { dynamoTickets } from "../../../functions/clients/tickets.dynamodb.ts";
import { NAMES } from "../../../infra/wiring.ts";
import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** Somebody who may write the tickets and send commands has an instance fetch a ticket of his own making. */
export async function forgeTicket(story: Story, { id, ec2InstanceId }: Member): Promise<void> {
  const { account, fleet, signal } = story;
  story.tell(
    `Somebody lays a ticket with a made-up nonce down for ${id}, and tells it to turn, through SSM's SendCommand.`,
  );
  const before = await account.readKeyFile(ec2InstanceId);
  const aws = { region: account.region, credentials: account.credentials };
  const dynamodb = new DynamoDBClient(aws);
  const drawn = () => randomBytes(32).toString("hex");
  const forged = { id, generation: before.generation + 1, nonce: drawn(), proof: drawn() };
  const tickets = dynamoTickets(dynamodb, { table: NAMES.ticketTable, partition: "aws", account: ACCOUNT });
  await tickets.lay(ec2InstanceId, forged, { at: Date.now() });
  const ssm = new SSMClient(aws);
  const { Command } = await ssm.send(
    new SendCommandCommand({
      InstanceIds: [ec2InstanceId],
      DocumentName: NAMES.pushDocument,
      DocumentVersion: "$LATEST",
    }),
  );
  const asked = { CommandId: Command?.CommandId, InstanceId: ec2InstanceId };
  const output = await until(
    async () => {
      const invocation = await ssm.send(new GetCommandInvocationCommand(asked));
      const isOver = invocation.Status === "Success" || invocation.Status === "Failed";
      return isOver && `${invocation.Status}: ${invocation.StandardOutputContent?.trim()}`;
    },
    "the end of the command",
    signal,
  );
  ssm.destroy();
  dynamodb.destroy();
  story.note(`${id}  answered to the ticket: ${output}`);
  const after = await account.readKeyFile(ec2InstanceId);
  const { current } = await fleet.record(id);
  const refused = { id, generation: forged.generation, reason: "WRONG_PROOF" };
  story.check("a forged ticket", `Failed: ${JSON.stringify({ refused })}`, output);
  story.check("key on the instance after that ticket", "the same", after.key === before.key ? "the same" : "another");
  story.check("generation after that ticket", `${before.generation}`, `${current.generation}`);
}
