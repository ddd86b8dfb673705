import { type Receipt, readTurnAnswer, sameSecret, type TurnAnswer, UNKNOWN } from "../../protocol/index.ts";
import type { CommandState, Commands, SentCommand } from "../clients/commands.ts";
import type { InstanceRecord, Push } from "../record/record.ts";
import { digestOf } from "../shared/digest.ts";
import { readJson } from "../shared/read-json.ts";

/** How a push ended. The names are errors that the rotation flow knows. */
export type PushAnswer =
  | { receipt: Receipt }
  | { error: "PushRefused" | "PushFailed" | "PushUndelivered"; cause: string };

/** What the agent printed, where it has the form of an answer. */
export function printedAnswer({ phase, output }: CommandState): TurnAnswer | undefined {
  return phase === "over" ? readTurnAnswer(readJson(output.trim())) : undefined;
}

/** By how much the clocks of Lambda and of SSM may differ. */
const CLOCKS_DIFFER_MS = 100;

/** The commands that may have been sent for a push, or for one after it. */
export function commandsFor(
  commands: Commands,
  ec2InstanceId: string,
  ...pushes: { sentAt: number }[]
): Promise<SentCommand[]> {
  return commands.since(ec2InstanceId, Math.min(...pushes.map(({ sentAt }) => sentAt)) - CLOCKS_DIFFER_MS);
}

/** Which ticket an answer has to belong to, and what the proof of its receipt comes to. */
export interface AwaitedTicket {
  id: string;
  generation: number;
  /** Undefined for a rekey of which no key was agreed yet: no receipt can prove it. */
  receiptDigest: string | undefined;
  /** What executions wait for the answer, by their names. */
  pushes: Record<string, Push>;
}

/** The ticket of the pending key, or of the rekey, that an instance is to answer; undefined where there is none. */
export function awaitedTicket(
  { id, pending, rekey }: InstanceRecord,
  { rekey: isOfRekey = false }: { rekey?: boolean | undefined },
): AwaitedTicket | undefined {
  if (isOfRekey) return rekey && { id, ...rekey, receiptDigest: rekey.agreed?.receiptDigest };
  return pending && { id, ...pending };
}

/**
 * What the instance answers to its ticket, from all commands since the push: a doubled command, or one that another
 * execution sent, answers as well. A failure counts only when none of them is under way any more, and so does a receipt
 * that proves nothing: the step that confirms refuses it.
 *
 * @param commands as `commandsFor` gives them
 * @param push what was sent before it failed for itself
 * @returns undefined while there may still be an answer
 */
export function answerTo(
  ticket: AwaitedTicket,
  commands: SentCommand[],
  push: { sentAt: number },
): PushAnswer | undefined {
  const sent = commands.filter(({ sentAt }) => sentAt >= push.sentAt - CLOCKS_DIFFER_MS);
  for (const command of sent) {
    const receipt = receiptFor(ticket, printedAnswer(command));
    if (receipt !== undefined) return { receipt };
  }
  if (sent.some(({ phase }) => phase === "under way")) return undefined;
  const newest = sent.toSorted((one, other) => one.sentAt - other.sentAt).at(-1);
  return newest && failureOf(newest, ticket);
}

/** The receipt in an answer, if it is the one for this ticket. */
export function receiptFor(ticket: AwaitedTicket, answer?: TurnAnswer): Receipt | undefined {
  const { receiptDigest } = ticket;
  if (answer === undefined || !("receipt" in answer) || !isFor(ticket, answer.receipt)) return undefined;
  if (receiptDigest === undefined) return undefined;
  return sameSecret(digestOf(answer.receipt.proof), receiptDigest) ? answer.receipt : undefined;
}

function isFor({ id, generation }: AwaitedTicket, receipt: Receipt): boolean {
  return receipt.id === id && receipt.generation === generation;
}

function failureOf(command: CommandState, ticket: AwaitedTicket): PushAnswer {
  const { phase, status } = command;
  if (phase === "undelivered") {
    return { error: "PushUndelivered", cause: `The command did not reach the agent, or did not end: ${status}.` };
  }
  const answer = printedAnswer(command);
  if (answer === undefined) {
    return {
      error: "PushFailed",
      cause: `The agent's turn ended with ${status} and no receipt. Its log on the instance says why.`,
    };
  }
  if ("receipt" in answer) {
    if (isFor(ticket, answer.receipt)) return answer;
    const { generation } = answer.receipt;
    return { error: "PushRefused", cause: `The agent found no newer ticket than that of generation ${generation}.` };
  }
  const { reason } = answer.refused;
  const why = reason === UNKNOWN ? "for a reason that this version does not know" : reason;
  return { error: "PushRefused", cause: `The agent did not turn: ${why}.` };
}
