import { findLive } from "../../clients/find-live.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { pushComment } from "../push-comment.ts";
import type { contract } from "./contract.ts";

/**
 * Sends the ticket. What the push waits for is stored before the command is sent, under an ID that stands in the
 * command's comment: however soon the command is over, and wherever this step dies, its end finds the waiting task.
 */
export async function pushToInstance(
  { ec2InstanceId, ticket, taskToken }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, commands, executions, now, random, journal } = neighbours;
  const { id, generation, nonce } = ticket;
  const push = { pushId: random(8).toString("hex"), taskToken, sentAt: now() };
  const stored = await registry.setPush(id, { generation, nonce, push });
  if (stored === undefined) {
    const { current } = await findLive(registry, id);
    throw new StepError("Superseded", `${id} is at generation ${current.generation} and awaits no such push.`);
  }
  if (stored.replaced && stored.replaced.taskToken !== taskToken) {
    // Another execution's push, whose end now leads here; that execution asks for the receipt, which is the same.
    const cause = `Another execution has pushed generation ${generation} to ${id} meanwhile.`;
    await executions.endTask(stored.replaced.taskToken, { error: "PushReplaced", cause });
  }
  const commandId = await commands.send(ec2InstanceId, ticket, pushComment({ id, pushId: push.pushId }));
  journal.info("pushed", { id, ec2InstanceId, generation, commandId });
  return { commandId };
}
