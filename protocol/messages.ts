import { isCount, isHex64, isInstanceId } from "./check.ts";

// What agent and control plane say to each other. The other side may be of another version: what it sends is read
// leniently, the proof first; a word that is not known becomes UNKNOWN, and a field that is not known is passed over.

/** Stands for a word of the other side's that this version does not know. Such a word is never handed on. */
export const UNKNOWN = "unknown";

/** What a registration asks for. */
export const REGISTRATION_FLAGS = ["new", "update", "rekey"] as const;
export type RegistrationFlag = (typeof REGISTRATION_FLAGS)[number];

/** What the registration function is told. */
export interface RegistrationRequest {
  id: string;
  ip: string;
  flag: RegistrationFlag;
  /** With `new` and `rekey`: the X25519 public key, 64 hexadecimal characters. */
  publicKey?: string;
  /** With `rekey`: the generation and the nonce of the ticket that asks for it. */
  generation?: number;
  nonce?: string;
  /** The version that the agent is of, such as `0.2.0`; 0.1.0 does not say it. */
  agentVersion?: string | undefined;
}

/** Why a registration is refused. */
export const REFUSALS = [
  ...["ID_TAKEN", "NOT_OWNER", "UNKNOWN_ID", "QUARANTINED", "RETIRED", "TOO_MANY_IDS"],
  // Of a rekey: none stands with this generation and nonce; somebody else has agreed a key by it.
  ...["NO_REKEY", "REKEY_TAKEN"],
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** How successors are derived: with a nonce, or without one, in the compatibility mode of the original exercise. */
export const NONCE_MODES = ["hmac", "none"] as const;
export type NonceMode = (typeof NONCE_MODES)[number];

/** What a turn needs. It lies where its instance alone can fetch it; a push only says that it is there. Never a key. */
export interface Ticket {
  id: string;
  /** The generation to reach. */
  generation: number;
  /** 64 hexadecimal characters; empty in the compatibility mode. */
  nonce: string;
  /** The control plane's `ticketProof` under the key that the instance holds; empty on the ticket of a rekey. */
  proof: string;
}

/**
 * Whether a ticket asks for a rekey. It bears no proof, since there may be no key to make one with: that it is the control
 * plane's is known by the registration function, which agrees a key only if it has opened just this rekey.
 */
export function isOfRekey({ proof }: Pick<Ticket, "proof">): boolean {
  return proof === "";
}

/** Why a ticket is refused. */
const TICKET_REFUSALS = [
  ...["MALFORMED", "NO_KEY", "WRONG_GENERATION", "NONCE_MODE", "WRONG_PROOF"],
  // There was none to be had.
  ...["NO_TICKET", "TICKET_DENIED", "TICKET_UNAVAILABLE"],
  // Of a rekey: the registration function refused it, or could not be asked.
  ...["REKEY_REFUSED", "REKEY_UNAVAILABLE"],
] as const;
export type TicketRefusal = (typeof TICKET_REFUSALS)[number];

/** How a hook ended. */
export const HOOK_OUTCOMES = ["done", "failed", "timed-out"] as const;
export type HookOutcome = (typeof HOOK_OUTCOMES)[number];

/** How many hooks a receipt tells of, and how long their names are in it. An instance may have more, and longer ones. */
export const MOST_HOOKS = 50;
const LONGEST_HOOK_NAME = 64;

/** A hook of a turn, as a receipt tells of it. */
export interface HookReport {
  name: string;
  outcome: HookOutcome | typeof UNKNOWN;
}

/** The instance's answer to a ticket that it has obeyed. */
export interface Receipt {
  id: string;
  generation: number;
  /** `receiptProof` under the new key. */
  proof: string;
  hooks: HookReport[];
}

/** The answer of an instance that has not turned. */
export interface TurnRefused<Reason = TicketRefusal> {
  /** Whose it is, as far as the instance knows. */
  id?: string;
  /** The generation that the ticket led to. */
  generation?: number;
  reason: Reason;
}

/** What an instance answers to a push. */
export type TurnAnswer = { receipt: Receipt } | { refused: TurnRefused<TicketRefusal | typeof UNKNOWN> };

/** One proof that an instance holds its key at a moment. */
export interface Sample {
  id: string;
  ec2InstanceId: string;
  generation: number;
  /** Milliseconds since 1970, by the instance's clock. */
  timeMs: number;
  /** `sampleHash` of the key. */
  hash: string;
}

/** Whether a name has no character that a hook's name in a receipt cannot have; how long it is does not matter. */
export function isPlainName(name: string): boolean {
  return /^[\w.-]+$/.test(name);
}

/** Whether `value` is a hook's name as a receipt has it: plain, and not too long. */
export function isHookName(value: unknown): value is string {
  return typeof value === "string" && isPlainName(value) && value.length <= LONGEST_HOOK_NAME;
}

/** The name under which a receipt tells of a hook, whatever it is called: what is not plain is replaced, the rest cut. */
function hookNameOf(name: unknown): string {
  const text = typeof name === "string" ? name.slice(0, LONGEST_HOOK_NAME).replace(/[^\w.-]/g, "_") : "";
  return text === "" ? UNKNOWN : text;
}

/**
 * What a receipt tells of a turn's hooks, from what ran or from what another version sent. Of too many, those that did
 * not succeed are told first.
 *
 * @param hooks anything; what is no list tells of no hook
 */
export function hookReports(hooks: unknown): HookReport[] {
  if (!Array.isArray(hooks)) return [];
  const all = hooks.map((hook: { name?: unknown; outcome?: unknown } | null): HookReport => {
    const outcome = HOOK_OUTCOMES.find((known) => known === hook?.outcome) ?? UNKNOWN;
    return { name: hookNameOf(hook?.name), outcome };
  });
  if (all.length <= MOST_HOOKS) return all;
  const [succeeded, others] = [all.filter(isDone), all.filter((hook) => !isDone(hook))];
  return [...others, ...succeeded].slice(0, MOST_HOOKS);
}

function isDone(hook: HookReport): boolean {
  return hook.outcome === "done";
}

/**
 * Reads an instance's answer to a push. It is untrusted: what comes back has its form throughout. A receipt counts by
 * its ID, generation and proof alone; whatever stands beside them cannot spoil it.
 *
 * @returns undefined when it is neither a receipt nor a refusal
 */
export function readTurnAnswer(value: unknown): TurnAnswer | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { receipt, refused } = value as { receipt?: unknown; refused?: unknown };
  const read = readReceipt(receipt);
  if (read !== undefined) return { receipt: read };
  const refusal = readRefusal(refused);
  return refusal && { refused: refusal };
}

function readRefusal(value: unknown): TurnRefused<TicketRefusal | typeof UNKNOWN> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { id, generation, reason } = value as Record<keyof TurnRefused, unknown>;
  if (typeof reason !== "string") return undefined;
  return {
    ...(isInstanceId(id) && { id }),
    ...(isCount(generation) && { generation }),
    reason: TICKET_REFUSALS.find((known) => known === reason) ?? UNKNOWN,
  };
}

function readReceipt(value: unknown): Receipt | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { id, generation, proof, hooks } = value as Record<keyof Receipt, unknown>;
  if (!isInstanceId(id) || !isCount(generation) || !isHex64(proof)) return undefined;
  return { id, generation, proof, hooks: hookReports(hooks) };
}
