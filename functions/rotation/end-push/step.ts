import type { TurnAnswer } from "../../../protocol/index.ts";
import type { Registry } from "../../clients/registry.ts";
import { isRetired, type StoredRecord } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { type AwaitedTicket, answerTo, awaitedTicket, commandsFor, printedAnswer, receiptFor } from "../push-answer.ts";
import type { contract } from "./contract.ts";

type Neighbours = NeighboursOf<typeof contract>;

/**
 * Ends what executions wait for when an instance has answered, by whichever command. The event may come twice, late, or
 * for a command that nobody waits for; then nothing is ended.
 */
export async function endPush(
  { detail }: InputOf<typeof contract>,
  neighbours: Neighbours,
): Promise<OutputOf<typeof contract>> {
  const { registry, commands, executions, now, journal } = neighbours;
  const commandId = detail["command-id"];
  const ec2InstanceId = detail["instance-id"];
  const state = await commands.state(commandId, ec2InstanceId);
  if (state === undefined || state.phase === "under way") {
    // SSM's own answer may lag behind its event; Lambda calls again when this fails.
    throw new StepError("CommandUnknown", `SSM does not know that ${commandId} on ${ec2InstanceId} is over yet.`);
  }
  const printed = printedAnswer(state);
  let ended = false;
  for (const ticket of await awaiting(registry, ec2InstanceId, printed)) {
    const pushes = Object.values(ticket.pushes);
    const receipt = receiptFor(ticket, printed);
    // What is no receipt counts only if no other command may still bring one.
    const listed = receipt ? [] : await commandsFor(commands, ec2InstanceId, ...pushes);
    // SSM's list may lag behind what it says of one command.
    const sent = listed.map((command) => (command.commandId === commandId ? { ...command, ...state } : command));
    for (const push of pushes) {
      const answer = receipt ? { receipt } : answerTo(ticket, sent, push);
      if (answer === undefined) continue;
      const waited = await executions.endTask(push.taskToken, "receipt" in answer ? { output: answer } : answer);
      journal.info("push ended", { id: ticket.id, ec2InstanceId, commandId, ended: waited });
      if (waited) journal.duration("PushLatency", now() - push.sentAt);
      ended ||= waited;
    }
  }
  return { ended };
}

/**
 * The tickets of the host's records whose answers executions wait for. What was printed is untrusted, and may name any record:
 * a receipt leads to its own ticket, if that is this host's, and everything else to all that the host has.
 */
async function awaiting(
  registry: Registry,
  ec2InstanceId: string,
  printed: TurnAnswer | undefined,
): Promise<AwaitedTicket[]> {
  if (printed && "receipt" in printed) {
    const named = await registry.find(printed.receipt.id);
    const its = ticketsOf(named, ec2InstanceId).filter((ticket) => receiptFor(ticket, printed));
    if (its.length > 0) return its;
  }
  const all = await registry.findByEc2Instance(ec2InstanceId);
  return all.flatMap((record) => ticketsOf(record, ec2InstanceId));
}

function ticketsOf(record: StoredRecord | undefined, ec2InstanceId: string): AwaitedTicket[] {
  if (record === undefined || isRetired(record) || record.ec2InstanceId !== ec2InstanceId) return [];
  return [awaitedTicket(record, { rekey: false }), awaitedTicket(record, { rekey: true })].filter(
    (ticket) => ticket !== undefined && Object.keys(ticket.pushes).length > 0,
  ) as AwaitedTicket[];
}
