import { randomBytes } from "node:crypto";
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { NAMES } from "../../../infra/wiring.ts";
import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** Somebody who may send commands sends a ticket of his own making. */
export async function makeUpTicket(story: Story, member: Member): Promise<void> {
  const { account, fleet, signal } = story;
  story.tell(`Somebody sends ${member.id} a ticket with a made-up nonce, through SSM's SendCommand.`);
  const before = await account.readKeyFile(member.ec2InstanceId);
  const ticket = {
    id: member.id,
    generation: String(before.generation + 1),
    nonce: randomBytes(32).toString("hex"),
    proof: randomBytes(32).toString("hex"),
  };
  const ssm = new SSMClient({ region: account.region, credentials: account.credentials });
  const target = { InstanceIds: [member.ec2InstanceId] };
  const Parameters = Object.fromEntries(Object.entries(ticket).map(([name, value]) => [name, [value]]));
  const sent = await ssm.send(new SendCommandCommand({ ...target, DocumentName: NAMES.pushDocument, Parameters }));
  const asked = { CommandId: sent.Command?.CommandId, InstanceId: member.ec2InstanceId };
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
  story.note(`${member.id}  answered to the ticket: ${output}`);
  const after = await account.readKeyFile(member.ec2InstanceId);
  const { current } = await fleet.record(member.id);
  story.check("a made-up ticket", 'Failed: {"refused":"WRONG_PROOF"}', output);
  story.check("key on the instance after that ticket", "the same", after.key === before.key ? "the same" : "another");
  story.check("generation after that ticket", `${before.generation}`, `${current.generation}`);
}
