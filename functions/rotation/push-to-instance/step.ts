import { findLive } from "../../clients/find-live.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { pushComment } from "../push-comment.ts";
import type { contract } from "./contract.ts";

/**
 * Lays the ticket down and sends it. What the push waits for is stored before the command is sent, under an ID that stands in the
 * command's comment: however soon the command is over, and wherever this step dies, its end finds the waiting task.
 */
export async function pushToInstance(
  { ec2InstanceId, ticket, taskToken }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, commands, executions, now, random, journal } = neighbours;
  const { id, generation, nonce } = ticket;
  await layTicket(ec2InstanceId, ticket, neighbours);
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

/** Lays the ticket down, unless another execution has gone further; what the record does not know is replaced. */
async function layTicket(
  ec2InstanceId: string,
  ticket: InputOf<typeof contract>["ticket"],
  { registry, tickets, now, journal }: NeighboursOf<typeof contract>,
): Promise<void> {
  const newer = await tickets.lay(ec2InstanceId, ticket, { at: now() });
  if (newer === undefined) return;
  const { id, generation, nonce } = ticket;
  // Read after the ticket: whoever lays one has stored its key as pending before.
  const { pending, current } = await findLive(registry, id);
  if (pending?.generation !== generation || pending.nonce !== nonce) {
    throw new StepError("Superseded", `${id} is at generation ${current.generation} and awaits no such push.`);
  }
  journal.info("ticket replaced that is newer than the record", { id, ec2InstanceId, generation: newer.generation });
  journal.count("TicketNewerThanRecord");
  if ((await tickets.lay(ec2InstanceId, ticket, { at: now(), replaced: newer })) !== undefined) {
    throw new StepError("Superseded", `A newer ticket has come for ${id} while this one was laid down.`);
  }
}
