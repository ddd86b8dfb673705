import { type Around, going, writeOwner } from "./bounds.ts";
import { IDS, type Id, isLive, named, type State, type Work, withRecord } from "./state.ts";

/** Executions of a record that is NEW: functions/rotation/await-former, promote-successor, and registration/admit.ts. */
export function executionSteps(state: State, around: Around): void {
  const { bounds, emit } = around;
  const { records, executions, owner } = state;
  for (const id of IDS) {
    if (records[id].status !== "NEW" || executions.length >= bounds.executions) continue;
    const begun: Work = { at: "awaiting", id, owner, isStale: false };
    emit(`An execution begins, for ${id}.`, { ...state, executions: [...executions, begun] });
  }
  for (const [index, work] of executions.entries()) {
    step(state, index, work, around);
    emit(`The execution for ${work.id} dies.`, going(state, "executions", index));
  }
}

function step(state: State, index: number, work: Work, around: Around) {
  const { rules, emit } = around;
  const { id, owner, isStale } = work;
  const record = state.records[id];
  const go = (label: string, changes: Partial<Work> | undefined, after = state) =>
    emit(`${label}.`, going(after, "executions", index, changes));
  switch (work.at) {
    case "awaiting":
      return awaitFormer(state, index, id, around);
    case "pushing": {
      const { host } = state;
      const canAnswer = record.behind === "thief" || (host.on && host.holds === id);
      if (canAnswer) go(`Who has the key of ${id} turns, and answers`, { at: "promoting" });
      return;
    }
    case "promoting":
      if (!isLive(record) || record.status === "QUARANTINED")
        return go(`The execution for ${id} ends: ${record.status}`, undefined);
      return go(
        `The next key of ${id} becomes the current one`,
        { at: "admitting" },
        withRecord(state, id, { proved: true }),
      );
    case "admitting": {
      if (state.owner.newcomer === id) {
        const holder = named(state, state.owner.holder);
        if (holder !== undefined && state.records[holder].status === "QUARANTINED")
          return go(`${id} is not admitted: ${holder} is in quarantine`, undefined);
        const turned = { holder: id, newcomer: "", displaced: "", former: holder ?? "" } as const;
        return go(`${id} is to take the place of ${holder ?? "nobody"}`, {
          at: "clearing",
          owner: turned,
          isStale: false,
        });
      }
      if (state.owner.holder !== id) return go(`${id} is not admitted: the owner item names another`, undefined);
      return go(`The owner item names ${id} as the holder`, { at: "retiring", owner: state.owner, isStale: false });
    }
    case "clearing": {
      const left = named(state, rules.holderNamedFirst ? state.owner.former : owner.former);
      const after = left === undefined ? state : withRecord(state, left, { status: "RETIRED" });
      return go(
        left === undefined ? "Nobody is left of an earlier admission" : `${left} is retired`,
        { at: "taking" },
        after,
      );
    }
    case "taking":
      if (isStale) return go(`The owner item is another; the admission of ${id} looks again`, { at: "admitting" });
      return go(
        `The owner item names ${id} as the holder`,
        { at: "retiring", isStale: false },
        writeOwner(state, owner),
      );
    case "retiring": {
      const former = named(state, owner.former);
      const after = former === undefined ? state : withRecord(state, former, { status: "RETIRED" });
      return go(former === undefined ? "No former is left" : `${former} is retired`, { at: "finishing" }, after);
    }
    case "finishing": {
      const isNew = record.status === "NEW";
      return go(
        isNew ? `${id} is active` : "Another has finished it",
        undefined,
        isNew ? withRecord(state, id, { status: "ACTIVE" }) : state,
      );
    }
  }
}

function awaitFormer(state: State, index: number, id: Id, { rules, emit }: Around) {
  const { records, owner, host } = state;
  const record = records[id];
  const end = (why: string, after = state) =>
    emit(`The execution for ${id} ends: ${why}.`, going(after, "executions", index));
  const go = (label: string, at: Work["at"]) => emit(label, going(state, "executions", index, { at }));
  if (record.status !== "NEW") return end("another has decided");
  if (owner.holder !== id && owner.newcomer !== id) {
    return end("the place is another's, and it is retired", withRecord(state, id, { status: "RETIRED" }));
  }
  const former = owner.holder === id ? undefined : named(state, owner.holder);
  if (former !== undefined && records[former].status === "QUARANTINED") return end(`${former} is in quarantine`);
  if (former === undefined || record.proved) return go(`What was begun for ${id} is finished.`, "admitting");
  const formers = [former, ...(rules.displacedSilent ? ([...owner.displaced] as Id[]) : [])];
  const writing = rules.formerSilent ? formers.find((one) => records[one].wrote) : undefined;
  if (record.waited === 2 && writing !== undefined) {
    return end(`${writing} went on for an hour, and ${id} is retired`, withRecord(state, id, { status: "RETIRED" }));
  }
  const isWindowOver = record.waited > 0 && (host.ran || !rules.hostRan);
  if (!isWindowOver || writing !== undefined) return end("it waits");
  go(`${formers.join(" and ")} is silent, while the host ran: ${id} is turned.`, "pushing");
}
