import {
  isOfRekey,
  type NonceMode,
  sameSecret,
  type Ticket,
  type TicketRefusal,
  ticketProof,
} from "../../protocol/index.ts";
import type { KeyFile } from "../state/key-file.ts";

/** Why the key was not turned, with the sentence for a person. */
export const REASONS: Record<TicketRefusal, string> = {
  MALFORMED: "What lies in the table of tickets for this instance has not the form of a ticket.",
  NO_KEY:
    "This instance has no key: it must register first, or it has lost its key and needs a rekey. keyturn-agent status says which.",
  WRONG_GENERATION: "The ticket does not lead from this instance's generation to the next.",
  NONCE_MODE: "The ticket has an empty nonce, which this instance does not accept (KEYTURN_NONCE is not none).",
  WRONG_PROOF: "The ticket's proof does not fit this instance's key.",
  NO_TICKET: "No ticket lies for this instance, and it has never turned its key.",
  TICKET_DENIED:
    "AWS does not let this instance read its ticket: its role needs the policy that the Keyturn stack makes for " +
    "instances, and the key file must be of this very instance.",
  TICKET_UNAVAILABLE:
    "The ticket could not be read: the log line above says why. Check KEYTURN_TICKET_TABLE, the metadata service and the way " +
    "to DynamoDB, and turn again.",
  REKEY_REFUSED:
    "The registration function refused to agree a new key: the log line above says why. Somebody else may have answered " +
    "this ticket, or have made it up.",
  REKEY_UNAVAILABLE:
    "No new key could be agreed, as the registration function could not be used: the log line above says why. Turn again.",
};

/** What to do: turn, agree another key, answer once more for the key that is held, or refuse. */
export type Judgement =
  | { kind: "turn"; ticket: Ticket; held: KeyFile }
  | { kind: "rekey"; ticket: Ticket }
  | { kind: "repeat"; held: KeyFile }
  | { kind: "refuse"; reason: TicketRefusal };

/**
 * Judges a ticket by the key that the instance holds now. Where none is newer, the receipt of the key that is held is due:
 * a command may come late or twice, and the answer to the first may have been lost. A rekey leads to any higher generation,
 * also from no key at all.
 *
 * @param ticket undefined where none lies
 * @param held undefined where there is no key that can be used
 * @param nonceMode `none` accepts an empty nonce
 */
export function judgeTicket(ticket: Ticket | undefined, held: KeyFile | undefined, nonceMode: NonceMode): Judgement {
  if (ticket !== undefined && isOfRekey(ticket) && ticket.generation > (held?.generation ?? 0)) {
    return { kind: "rekey", ticket };
  }
  if (held === undefined) return { kind: "refuse", reason: "NO_KEY" };
  if (ticket === undefined || ticket.generation <= held.generation) {
    return held.nonce === null ? { kind: "refuse", reason: "NO_TICKET" } : { kind: "repeat", held };
  }
  const { generation, nonce, proof } = ticket;
  if (generation !== held.generation + 1) return { kind: "refuse", reason: "WRONG_GENERATION" };
  if (nonce === "" && nonceMode !== "none") return { kind: "refuse", reason: "NONCE_MODE" };
  const { id, ec2InstanceId, key } = held;
  const expected = ticketProof({ key, id, ec2InstanceId, generation, nonce });
  return sameSecret(proof, expected) ? { kind: "turn", ticket, held } : { kind: "refuse", reason: "WRONG_PROOF" };
}
