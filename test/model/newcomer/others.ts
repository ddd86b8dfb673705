import type { Around } from "./bounds.ts";
import { freeId, IDS, isLive, type State, withRecord } from "./state.ts";

/** What befalls the host, what people and a thief do, and time. */
export function otherSteps(state: State, { bounds, emit }: Around): void {
  const { host, owner, records } = state;
  if (host.on) emit("The host is switched off.", { ...state, host: { ...host, on: false, ran: false } });
  else {
    const on = { ...state, host: { ...host, on: true } };
    emit("The host starts.", host.holds === "" ? on : withRecord(on, host.holds, { wrote: true }));
  }
  if (state.lost < bounds.lost && host.holds !== "") loseFolder(state, { emit });
  if (state.thefts > 0) {
    for (const id of IDS) {
      const isLookedAt = id === owner.holder || owner.displaced.includes(id);
      if (!isLookedAt || records[id].wrote) continue;
      emit(`The thief writes a sample under ${id}.`, withRecord(state, id, { wrote: true }));
    }
  }
  // A host that runs registers, and proves its key, within a window.
  if (!host.on || host.holds !== "") emit("A window goes by.", windowLater(state));
  if (!bounds.operators) return;
  for (const id of IDS) {
    const { status } = records[id];
    if (status === "ACTIVE")
      emit(`Somebody puts ${id} in quarantine.`, withRecord(state, id, { status: "QUARANTINED" }));
    if (status === "QUARANTINED") emit(`Somebody releases ${id}.`, withRecord(state, id, { status: "ACTIVE" }));
  }
}

function loseFolder(state: State, { emit }: Pick<Around, "emit">) {
  const drawn = freeId(state);
  if (drawn === undefined) return;
  const after = { ...state, lost: state.lost + 1, host: { ...state.host, holds: "", drawn } as const };
  emit(`The host loses its folder, and draws ${drawn}.`, after);
}

function windowLater(state: State): State {
  const { host } = state;
  let after: State = { ...state, host: { ...host, ran: host.on } };
  for (const id of IDS) {
    const record = state.records[id];
    if (record.status === "none") continue;
    const wrote = host.on && host.holds === id;
    const waited = isLive(record) ? (Math.min(record.waited + 1, 2) as 0 | 1 | 2) : record.waited;
    after = withRecord(after, id, { wrote, waited });
  }
  return after;
}
