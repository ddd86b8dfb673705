import type { TurnAnswer } from "../../../protocol/index.ts";
import type { Registry } from "../../clients/registry.ts";
import { type InstanceRecord, isRetired, type PendingKey, type StoredRecord } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { answerTo, commandsFor, printedAnswer, receiptFor } from "../push-answer.ts";
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
  for (const record of await awaiting(registry, ec2InstanceId, printed)) {
    const ticket = ticketOf(record);
    const pushes = Object.values(record.pending.pushes);
    const receipt = receiptFor(ticket, printed);
    // What is no receipt counts only if no other command may still bring one.
    const listed = receipt ? [] : await commandsFor(commands, ec2InstanceId, ...pushes);
    // SSM's list may lag behind what it says of one command.
    const sent = listed.map((command) => (command.commandId === commandId ? { ...command, ...state } : command));
    for (const push of pushes) {
      const answer = receipt ? { receipt } : answerTo(ticket, sent, push);
      if (answer === undefined) continue;
      const waited = await executions.endTask(push.taskToken, "receipt" in answer ? { output: answer } : answer);
      journal.info("push ended", { id: record.id, ec2InstanceId, commandId, ended: waited });
      if (waited) journal.duration("PushLatency", now() - push.sentAt);
      ended ||= waited;
    }
  }
  return { ended };
}

/**
 * The host's records with a key that executions wait for. What was printed is untrusted, and may name any record: a receipt
 * leads to its own, if that is this host's, and everything else to all that the host has.
 */
async function awaiting(registry: Registry, ec2InstanceId: string, printed: TurnAnswer | undefined) {
  if (printed && "receipt" in printed) {
    const named = await registry.find(printed.receipt.id);
    if (named && isAwaiting(named, ec2InstanceId) && receiptFor(ticketOf(named), printed)) return [named];
  }
  const all = await registry.findByEc2Instance(ec2InstanceId);
  return all.filter((record) => isAwaiting(record, ec2InstanceId));
}

type AwaitingRecord = InstanceRecord & { pending: PendingKey };

function isAwaiting(record: StoredRecord, ec2InstanceId: string): record is AwaitingRecord {
  if (isRetired(record) || record.ec2InstanceId !== ec2InstanceId) return false;
  return Object.keys(record.pending?.pushes ?? {}).length > 0;
}

function ticketOf({ id, pending: { generation, receiptDigest } }: AwaitingRecord) {
  return { id, generation, receiptDigest };
}
