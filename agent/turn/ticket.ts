import {
  FORMS,
  isHex64,
  isInstanceId,
  isNonce,
  type NonceMode,
  sameSecret,
  type TicketField,
  type TicketRefusal,
  ticketProof,
} from "../../protocol/index.ts";
import type { KeyFile } from "../state/key-file.ts";

/** What a push carries, as it came in: nothing of it has been checked. */
export type UncheckedTicket = Record<TicketField, string>;

/** Why a ticket is refused, with the sentence for a person. */
export const REASONS: Record<TicketRefusal, string> = {
  MALFORMED: "The ticket is malformed: it takes an ID, a generation, a nonce and a proof, all in their forms.",
  NO_KEY: "This instance has no key yet; it must register first.",
  WRONG_ID: "The ticket is for another instance.",
  WRONG_GENERATION: "The ticket does not lead from this instance's generation to the next.",
  NONCE_MODE: "The ticket has an empty nonce, which this instance does not accept (KEYTURN_NONCE is not none).",
  WRONG_PROOF: "The ticket's proof does not fit this instance's key.",
};

/** What to do about a ticket: turn, finish a turn that was begun with the same ticket, or refuse. */
export type Judgement = { kind: "turn" } | { kind: "repeat" } | { kind: "refuse"; reason: TicketRefusal };

/** Whether every field of a ticket has its form. */
export function isWellFormed(ticket: UncheckedTicket): boolean {
  return (
    isInstanceId(ticket.id) &&
    FORMS.generation.test(ticket.generation) &&
    isNonce(ticket.nonce) &&
    isHex64(ticket.proof)
  );
}

/**
 * Judges a well-formed ticket by the key that the instance holds now.
 *
 * @param nonceMode `none` accepts an empty nonce
 */
export function judgeTicket(ticket: UncheckedTicket, held: KeyFile, nonceMode: NonceMode): Judgement {
  const generation = Number(ticket.generation);
  const { id, nonce, proof } = ticket;
  if (id !== held.id) return { kind: "refuse", reason: "WRONG_ID" };
  // The key that could check the ticket's proof is gone after a turn. Who knows the nonce has seen the true ticket, and
  // learns nothing from the receipt but that it was obeyed.
  if (generation === held.generation && held.nonce !== null && sameSecret(nonce, held.nonce)) return { kind: "repeat" };
  if (generation !== held.generation + 1) return { kind: "refuse", reason: "WRONG_GENERATION" };
  if (nonce === "" && nonceMode !== "none") return { kind: "refuse", reason: "NONCE_MODE" };
  const expected = ticketProof({ key: held.key, id, ec2InstanceId: held.ec2InstanceId, generation, nonce });
  return sameSecret(proof, expected) ? { kind: "turn" } : { kind: "refuse", reason: "WRONG_PROOF" };
}
