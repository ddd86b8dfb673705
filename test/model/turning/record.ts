import type { Rules } from "../rules.ts";
import { early } from "./samples.ts";
import { generationOf, type Key, type State, type Ticket } from "./state.ts";

/**
 * The writes of the record's keys, each in one conditional write (functions/clients/key-writes.ts). They give the state after
 * it, or undefined where a condition does not hold.
 */

/** Whether anything about its keys may be written. */
const mayWrite = ({ status }: State, rules: Rules) =>
  status === "ACTIVE" || (status === "QUARANTINED" && !rules.quarantineHolds);

const knowing = ({ known }: State, key: Key): Key[] => (known.includes(key) ? known : [...known, key].sort());

/** Which generation may be pushed: the rekey's, or the pending key's while no rekey stands. */
export function isAimed({ rekey, pending }: State, aim: { rekey: boolean; to: number }): boolean {
  return aim.rekey ? rekey === aim.to : rekey === 0 && generationOf(pending) === aim.to;
}

export function setPending(state: State, key: Key, ticket: Ticket, rules: Rules): State | undefined {
  const isFree = state.pending === "" || !rules.pendingUsedAgain;
  const isBesideRekey = state.rekey !== 0 && rules.nothingBesideRekey;
  const follows = generationOf(state.current) === generationOf(key) - 1;
  if (!mayWrite(state, rules) || !isFree || isBesideRekey || !follows) return undefined;
  // What is written has no pushes: who waited for what was there is forgotten.
  const executions = state.executions.map((one) => (one.rekey || !one.token ? one : { ...one, token: false }));
  return { ...state, pending: key, pendingTicket: ticket, executions, known: knowing(state, key) };
}

export function setPush(state: State, aim: { rekey: boolean; to: number }, rules: Rules): State | undefined {
  return mayWrite(state, rules) && isAimed(state, aim) ? state : undefined;
}

/** Which keys count still is known by what was there before: no receipt of a lower generation is awaited any more. */
function afterPromotion(state: State, current: Key): State {
  const generation = generationOf(current);
  const { excepted } = state;
  const restoredFrom = generation >= excepted.restoredFrom ? 0 : excepted.restoredFrom;
  return {
    ...state,
    ...{ current, pending: "", pendingTicket: "", samples: early(state.samples) },
    receipts: state.receipts.filter((key) => generationOf(key) >= generation),
    excepted: { ...excepted, restoredFrom },
  };
}

export function promote(state: State, key: Key, rules: Rules): State | undefined {
  const { pending } = state;
  const isIt = rules.promotedByKey ? pending === key : pending !== "";
  return mayWrite(state, rules) && isIt ? afterPromotion(state, pending) : undefined;
}

export function promoteRekey(state: State, to: number, key: Key, rules: Rules): State | undefined {
  const { rekey, agreed } = state;
  const isIt = agreed !== "" && (rules.promotedByKey ? rekey === to && agreed === key : true);
  if (!mayWrite(state, rules) || !isIt) return undefined;
  const after = afterPromotion({ ...state, rekey: 0, agreed: "" }, agreed);
  // With a key that the host holds, whatever was altered before is mended.
  const isMended = state.file === agreed;
  const { disk, theft } = state.excepted;
  return { ...after, excepted: { disk: disk && !isMended, theft: theft && !isMended, restoredFrom: 0 } };
}

export function bringForward(state: State, from: number, key: Key, rules: Rules): State | undefined {
  const isBehind = generationOf(state.current) === from && state.rekey === 0;
  if (!mayWrite(state, rules) || !isBehind) return undefined;
  return { ...afterPromotion(state, key), known: knowing(state, key) };
}

/** Opens a rekey in the place of none, or of the one that was read. */
export function openRekey(state: State, generation: number): State {
  return { ...state, rekey: generation, agreed: "" };
}

export function agreeRekey(state: State, key: Key): State {
  return { ...state, agreed: key, known: knowing(state, key) };
}
