import type { Around } from "./bounds.ts";
import { agreeRekey, openRekey } from "./record.ts";
import { generationOf, readTicket, type State, ticketOf } from "./state.ts";

/** What people do: functions/operate, and what befalls disks and tables. */
export function operatorSteps(state: State, around: Around): void {
  const { bounds, emit } = around;
  const { status } = state;
  if (bounds.operators && status === "ACTIVE")
    emit("Somebody puts it in quarantine.", { ...state, status: "QUARANTINED" });
  if (status === "QUARANTINED") emit("Somebody releases it.", { ...state, status: "ACTIVE" });
  if (bounds.operators && status !== "RETIRED") {
    const gone = { current: "", pending: "", pendingTicket: "", rekey: 0, agreed: "" };
    emit("Somebody retires it.", { ...state, ...gone, status: "RETIRED" });
  }
  if (status === "ACTIVE") rekeySteps(state, around);
  if (state.altered < bounds.alteredDisks) alterDisk(state, around);
  if (state.restores < bounds.restores && status !== "RETIRED") restoreTable(state, around);
}

/** Whether nothing but another rekey leads on. */
function isNeeded(state: State): boolean {
  const { rekey, agreed, file } = state;
  if (rekey === 0) return !isKnown(state);
  return !canAnswer(state) && (agreed === "" || file !== agreed);
}

/** Whether the key on the host is one of the record's. */
export function isKnown({ file, current, pending, agreed }: State): boolean {
  return file !== "" && (file === current || file === pending || file === agreed);
}

/** Whether a rekey stands that the host can answer: by nobody, or by itself. */
export function canAnswer({ rekey, agreed, file, pairs, turns }: State): boolean {
  if (rekey <= generationOf(file)) return false;
  const pair = `${rekey}n${agreed.charAt(1)}`;
  const isInHand = turns.some(({ at, key }) => at !== "fetched" && at !== "asking" && key === agreed);
  return agreed === "" || pairs.includes(pair) || isInHand;
}

/** Operate's `rekey`: the generation is above all that record, ticket and, where they are still there, samples know. */
function rekeySteps(state: State, { rules, bounds, emit }: Around) {
  const { current, pending, rekey, agreed, ticket, file } = state;
  const isMore = state.openings < bounds.rekeys;
  if (!isMore && !(bounds.helped && isNeeded(state))) return;
  const byTicket = ticket === "" ? 0 : readTicket(ticket).generation;
  const claims = new Set(rules.rekeyAboveAll ? [0, generationOf(file)] : [0]);
  for (const bySamples of claims) {
    const isBehind = Math.max(bySamples, byTicket) > rekey || generationOf(current) >= rekey;
    const isOfBefore = agreed === "" && bySamples === rekey;
    const anew = rekey > 0 && !isBehind && !isOfBefore;
    if (anew && agreed === "") continue;
    const known = Math.max(generationOf(current), generationOf(pending), rekey);
    const generation = rules.rekeyAboveAll ? Math.max(known, bySamples, byTicket) + 1 : generationOf(current) + 1;
    if (generation > 9) continue;
    const openings = isMore ? state.openings + 1 : state.openings;
    const how = anew ? "anew, since somebody has answered it" : "";
    emit(`Somebody opens a rekey ${how || "to"} ${generation}.`, { ...openRekey(state, generation), openings });
  }
}

function alterDisk(state: State, { emit }: Around) {
  const altered = { ...state, altered: state.altered + 1, excepted: { ...state.excepted, disk: true } };
  emit("The key file is lost.", { ...altered, file: "", lasting: "", fileSynced: true });
  if (generationOf(state.file) < 2) return;
  const asOfOld = { file: "A1", lasting: "A1", fileSynced: true, next: "", nextSynced: false, pairs: [], turns: [] };
  emit("The disk is put back from a backup.", { ...altered, ...asOfOld });
}

/** The record as it was in the beginning. */
function restoreTable(state: State, { emit }: Around) {
  const { current, pending, agreed, excepted } = state;
  const restoredFrom = Math.max(...[current, pending, agreed].map(generationOf), excepted.restoredFrom);
  const samples = state.samples.map((sample) => sample.replace("e", ""));
  const asOfOld = { status: "ACTIVE", current: "A1", pending: "", pendingTicket: "", rekey: 0, agreed: "" } as const;
  emit("The record's table is restored.", {
    ...{ ...state, ...asOfOld, samples, known: ["A1"] },
    ...{ restores: state.restores + 1, excepted: { ...excepted, restoredFrom } },
  });
}

/** Who may write tickets, and who has the instance's credentials. */
export function attackerSteps(state: State, { rules, bounds, emit }: Around): void {
  const { rekey, agreed, status, file, ticket } = state;
  if (state.madeUp < bounds.madeUpTickets) {
    const lay = (what: string, laid: string) => emit(what, { ...state, ticket: laid, madeUp: state.madeUp + 1 });
    const next = generationOf(file) + 1;
    lay("Somebody makes up a ticket for the next generation.", ticketOf(next, "x", "?"));
    lay("Somebody makes up a ticket of a later generation.", ticketOf(next + 1, "x", "?"));
    lay("Somebody makes up a ticket of a rekey.", ticketOf(next, "x", ""));
    if (ticket !== "" && readTicket(ticket).nonce === "n")
      lay("Somebody makes the ticket that lies one of a rekey.", ticket.slice(0, 2));
  }
  const isFirst = agreed === "";
  if (state.thefts < bounds.thefts && rekey > 0 && (isFirst || !rules.oneAnswer) && status === "ACTIVE") {
    const key = `${rekey}t${rekey}`;
    const after = { ...agreeRekey(state, key), receipts: [...state.receipts, key].sort(), thefts: state.thefts + 1 };
    // Where he is first, the host is refused, and people are told.
    const excepted = { ...state.excepted, theft: state.excepted.theft || isFirst };
    emit("A thief of the credentials answers the rekey.", { ...after, excepted });
  }
}

/** Whether nobody has done anything but turn, and what people are told of has to have a cause of ours. */
export function isHonest({ madeUp, thefts, altered, restores, forged }: State): boolean {
  return madeUp + thefts + altered + restores + forged === 0;
}
