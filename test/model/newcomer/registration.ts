import { type Around, going, writeOwner } from "./bounds.ts";
import { freeId, IDS, type Id, isLive, named, type Owner, type State, type Work, withRecord } from "./state.ts";

/** Registrations under a new ID: functions/registration/upsert-ip, and claim.ts. */
export function registrationSteps(state: State, around: Around): void {
  const { bounds, emit } = around;
  const { host, records, registrations } = state;
  if (registrations.length < bounds.registrations) {
    const add = (id: Id): Work => ({ at: "reading", id, owner: state.owner, isStale: false });
    if (host.on && host.holds === "" && registrations.every(({ id }) => id !== host.drawn)) {
      emit(`The host registers as ${host.drawn}.`, { ...state, registrations: [...registrations, add(host.drawn)] });
    }
    const free = freeId(state);
    if (state.thefts < bounds.thefts && free !== undefined) {
      const after = withRecord(state, free, { behind: "thief" });
      emit(`A thief of the host's credentials registers as ${free}.`, {
        ...{ ...after, registrations: [...registrations, add(free)], thefts: state.thefts + 1 },
      });
    }
  }
  for (const [index, work] of registrations.entries()) {
    step(state, index, work, around);
    emit(`The registration as ${work.id} dies.`, going(state, "registrations", index));
  }
  if (host.holds !== "" && records[host.holds].status === "RETIRED")
    draw(state, "A person has the host register anew", around);
}

function draw(state: State, what: string, { emit }: Around) {
  const drawn = freeId(state);
  if (drawn !== undefined) emit(`${what}: it draws ${drawn}.`, { ...state, host: { ...state.host, holds: "", drawn } });
}

function step(state: State, index: number, work: Work, around: Around) {
  const { emit } = around;
  const { id, owner, isStale } = work;
  const { records } = state;
  const go = (label: string, changes: Partial<Work>, after = state) =>
    emit(`${label}.`, going(after, "registrations", index, changes));
  switch (work.at) {
    case "reading":
      return read(state, index, work, around);
    case "claiming":
      if (isStale) return go(`The owner item is another; the registration as ${id} looks again`, { at: "reading" });
      return go(`The owner item names ${id}`, { at: "adding", isStale: false }, writeOwner(state, owner));
    case "adding": {
      const isThere = records[id].status !== "none";
      const added = isThere ? state : withRecord(state, id, { status: "NEW", wrote: false, waited: 0 });
      return go(`The record of ${id} is there, and new`, { at: "settling" }, added);
    }
    case "settling": {
      if (isStale) return go(`The owner item is another; the registration as ${id} looks again`, { at: "reading" });
      return go(
        "The owner item is written once more as it is",
        { at: "activating", isStale: false },
        writeOwner(state, owner),
      );
    }
    case "activating": {
      const isHolder = owner.holder === id && records[id].status === "NEW";
      const after = isHolder ? withRecord(state, id, { status: "ACTIVE" }) : state;
      const ended = going(after, "registrations", index);
      emit(
        `The registration as ${id} is answered; ${isHolder ? "it is active" : "it waits beside its former"}.`,
        answered(ended, id),
      );
    }
  }
}

/** The answer makes it the host's; it proves its key at once. */
function answered(state: State, id: Id): State {
  const { host, records } = state;
  if (records[id].behind === "thief") return state;
  if (host.drawn !== id || host.holds !== "" || !host.on) return state;
  return withRecord({ ...state, host: { ...host, holds: id } }, id, { wrote: true });
}

function read(state: State, index: number, { id }: Work, around: Around) {
  const { emit } = around;
  const { records, owner } = state;
  const { status, proved } = records[id];
  const isNamed = owner.holder === id || owner.newcomer === id;
  const isRefused = status === "RETIRED" || proved || (status !== "none" && !isNamed);
  if (isRefused) {
    const isTooMany = status !== "none" && status !== "NEW" && isLive(records[id]) && !isNamed;
    const after = isTooMany ? withRecord(state, id, { status: "RETIRED" }) : state;
    const ended = going(after, "registrations", index);
    if (records[id].behind === "host" && ended.host.drawn === id && ended.host.holds === "")
      return draw(ended, `The registration as ${id} is refused: ID_TAKEN`, around);
    return emit(`The registration as ${id} is refused: ID_TAKEN.`, ended);
  }
  if (isNamed) {
    const changes = { at: status === "none" ? "adding" : "settling", owner, isStale: false } as const;
    return emit(`The owner item names ${id} already.`, going(state, "registrations", index, changes));
  }
  claim(state, index, id, around);
}

function claim(state: State, index: number, id: Id, { rules, emit }: Around) {
  const { owner, records } = state;
  const holder = named(state, owner.holder);
  const newcomer = named(state, owner.newcomer);
  const isShut = [holder, newcomer].some((one) => one !== undefined && records[one].status === "QUARANTINED");
  if (isShut) return emit(`The registration as ${id} is refused: QUARANTINED.`, going(state, "registrations", index));
  const places =
    newcomer !== undefined && records[newcomer].proved
      ? ({ holder: newcomer, former: holder ?? "", newcomer: id, displaced: "" } as const)
      : {
          ...({ holder: holder ?? id, newcomer: holder === undefined ? "" : id, former: owner.former } as const),
          displaced:
            holder === undefined
              ? ""
              : displacedBy({ ...owner, newcomer: (rules.displacedKept ? owner.newcomer : newcomer) ?? "" }, id),
        };
  emit(
    `The registration reads the owner item, where ${id} is to stand as ${places.holder === id ? "the holder" : "the newcomer"}.`,
    going(state, "registrations", index, { at: "claiming", owner: places, isStale: false }),
  );
}

/** Those whose place was taken as a newcomer, whatever became of their records: the host may be any of them. */
function displacedBy({ displaced, newcomer }: Owner, id: Id): string {
  return IDS.filter((one) => one !== id && (one === newcomer || displaced.includes(one))).join("");
}
