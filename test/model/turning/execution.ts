import type { Around } from "./bounds.ts";
import { isHonest } from "./others.ts";
import { bringForward, isAimed, promote, promoteRekey, setPending, setPush } from "./record.ts";
import { arrived, judge } from "./samples.ts";
import {
  type Execution,
  followsFrom,
  generationOf,
  type Key,
  readTicket,
  rekeyTicket,
  type State,
  successorOf,
  ticketOf,
} from "./state.ts";

/** The executions of the rotation flow: statemachines/rotation.asl.yaml, and the steps in functions/rotation. */
export function executionSteps(state: State, around: Around): void {
  const { bounds, emit } = around;
  begin(state, around);
  for (const [index, execution] of state.executions.entries()) {
    step(state, index, execution, around);
    if (!bounds.deaths) continue;
    emit(`The execution that was ${execution.at} ends: it died, or was stopped.`, without(state, index));
    const isPush = ["laying", "newer", "replacing", "sending"].includes(execution.at);
    if (isPush) emit("The push dies, and is tried again.", becoming(state, index, { at: "pushing", seen: "" }));
  }
}

function begin(state: State, { bounds, emit }: Around) {
  const { status, executions, rekey, current, pending } = state;
  if (executions.length >= bounds.executions || status !== "ACTIVE") return;
  const none = { key: "", ticket: "", token: false, seen: "" };
  const add = (execution: Execution) => ({ ...state, executions: [...executions, execution] });
  if (rekey > 0) {
    const to = rekey;
    emit(`An execution begins: it is to push the rekey ${to}.`, add({ at: "pushing", rekey: true, to, ...none }));
    return;
  }
  const to = generationOf(current) + 1;
  if (to > bounds.rotateTo && pending === "" && state.excepted.restoredFrom === 0) return;
  const at = bounds.samples > 0 ? "validated" : "verified";
  emit(`An execution begins: it is to turn generation ${to - 1} to ${to}.`, add({ at, rekey: false, to, ...none }));
}

function without(state: State, index: number): State {
  return { ...state, executions: state.executions.filter((_, n) => n !== index) };
}

function becoming(state: State, index: number, changes: Partial<Execution>): State {
  return { ...state, executions: state.executions.map((one, n) => (n === index ? { ...one, ...changes } : one)) };
}

/** Of a record that is read because another has written it. */
const AGAIN = "again";

function step(state: State, index: number, execution: Execution, around: Around) {
  const { rules, bounds, emit } = around;
  const { to, rekey, key, ticket, seen } = execution;
  const end = (why: string) => emit(`The execution ends: ${why}.`, without(state, index));
  const become = (label: string, changes: Partial<Execution>, after = state) =>
    emit(label, becoming(after, index, changes));
  const overtaken = () => end("another was faster, or it is not to be turned any more");

  switch (execution.at) {
    case "validated": {
      const read = arrived(state.samples);
      return become(`The execution reads the samples ${read.join(" ") || "(none)"}.`, {
        ...{ at: "verifying", seen: read.join(" ") },
      });
    }
    case "verifying":
      return verify(state, index, execution, around);
    case "verified": {
      if (state.status !== "ACTIVE" || generationOf(state.current) !== to - 1) return overtaken();
      if (state.rekey > 0 && rules.nothingBesideRekey) return end("a rekey stands");
      const { pending } = state;
      if (pending !== "" && rules.pendingUsedAgain)
        return become(`The execution finds ${pending} pending.`, { at: "pushing", key: pending, seen: "" });
      // It tries to write once: whoever it was that came between, the next execution finds what is there.
      if (seen === AGAIN && pending === "") return overtaken();
      const nonce = rules.noncesComputed ? "n" : drawn(state);
      const next = successorOf(state.current, nonce);
      const changes = { at: "deriving", key: next, ticket: ticketOf(to, nonce, state.current) } as const;
      return become(`The execution reads the record, and derives ${next}.`, changes);
    }
    case "deriving": {
      const after = setPending(state, key, ticket, rules);
      if (after === undefined)
        return become("Another has written the record.", { at: "verified", key: "", ticket: "", seen: AGAIN });
      return become(`The execution writes ${key} as pending.`, { at: "pushing", ticket: "" }, after);
    }
    case "bringing": {
      const after = bringForward(state, to - 1, key, rules);
      if (after === undefined) return overtaken();
      return emit(`The record is brought forward to ${key}.`, without(after, index));
    }
    case "pushing": {
      const after = setPush(state, execution, rules);
      if (after === undefined) return overtaken();
      const its = rekey ? rekeyTicket(to) : state.pendingTicket;
      return become("The execution stores its task token.", { at: "laying", ticket: its, token: true }, after);
    }
    case "laying":
    case "replacing": {
      const isSame = execution.at === "replacing" && state.ticket.slice(0, 2) === seen.slice(0, 2);
      const isNewer = state.ticket !== "" && readTicket(state.ticket).generation > to;
      if (isNewer && !isSame && rules.newerTicketStays)
        return become(`The execution finds ticket ${state.ticket}, which is newer.`, {
          at: "newer",
          seen: state.ticket,
        });
      return become(
        `The execution lays ticket ${ticket}${state.ticket && ` over ${state.ticket}`}.`,
        { at: "sending", ticket: "", seen: "" },
        { ...state, ticket },
      );
    }
    case "newer":
      if (state.status !== "ACTIVE" || !isAimed(state, execution)) return overtaken();
      return become("The record does not know that ticket.", { at: "replacing" });
    case "sending":
      return become(
        "The execution sends the command.",
        { at: "waiting" },
        {
          ...state,
          commands: bounds.deaths ? 1 : state.commands + 1,
        },
      );
    case "waiting":
      return wait(state, index, execution, around);
    case "confirmed": {
      const after = rekey ? promoteRekey(state, to, key, rules) : promote(state, key, rules);
      if (after === undefined) return overtaken();
      return emit(`${after.current} becomes the current key.`, without(after, index));
    }
  }
}

/** What a receipt has to prove is read from the record where the answer is looked at. */
function wait(state: State, index: number, execution: Execution, { rules, bounds, emit }: Around) {
  const { rekey, to, key, token } = execution;
  const awaited: Key = rekey ? state.agreed : state.pending;
  const stands = isAimed(state, execution) || (!rekey && generationOf(state.pending) === to);
  if (!stands || state.status === "RETIRED") {
    return emit("The execution ends: another was faster.", without(state, index));
  }
  // ConfirmRekey reads the record once more; ConfirmSuccessor has what it needs.
  if (rekey && state.status === "QUARANTINED") emit("The execution ends: it is in quarantine.", without(state, index));
  if (rekey && state.status === "QUARANTINED" && rules.quarantineHolds) return;
  const isProved = awaited !== "" && state.receipts.includes(awaited) && token;
  const wanted = rekey ? awaited : key;
  if ((isProved && wanted === awaited) || (!rules.receiptFirst && wanted !== "")) {
    const how = isProved ? "has a receipt that proves" : "takes the end of its command for a proof of";
    const confirmed = becoming(state, index, { at: "confirmed", key: wanted });
    return emit(`The execution ${how} ${wanted}.`, confirmed);
  }
  const isOver = state.commands === 0 && state.turns.length === 0;
  if (bounds.deaths || !isOver) return;
  const told = isHonest(state) ? `an execution to ${to} has failed, though nothing befell it` : state.told;
  emit("No command is under way, none has brought its receipt: the execution fails.", {
    ...without(state, index),
    told,
  });
}

/** What nobody has drawn before. */
function drawn({ known, current }: State): string {
  return ["u", "v", "w"].find((nonce) => !known.includes(successorOf(current, nonce))) ?? "z";
}

/** The record is read after the samples, and what they come to is judged at that moment. */
function verify(state: State, index: number, { to, seen }: Execution, { rules, emit }: Around) {
  const end = (why: string) => emit(`The execution ends: ${why}.`, without(state, index));
  if (state.status !== "ACTIVE") return end(state.status);
  if (generationOf(state.current) !== to - 1) return end("SUPERSEDED");
  const samples = seen === "" ? [] : seen.split(" ");
  const { verdict, claimed } = judge(samples, state, rules.earlierExcused);
  const isAccused = isHonest(state) && (verdict === "MISMATCH" || verdict === "CONFLICT");
  const told = isAccused ? `${verdict} is told of an instance that has done nothing but turn` : state.told;
  const after = becoming({ ...state, told }, index, { at: "verified", seen: "" });
  if (verdict !== "MISMATCH") {
    if (verdict === "STALE" || verdict === "SUPERSEDED") return end(verdict);
    return emit(`The verdict is ${verdict}.`, after);
  }
  const proved = samples
    .map((sample) => sample.replace("e", ""))
    .filter((sample) => followsFrom(sample, state.current))
    .reduce((latest, key) => (generationOf(key) > generationOf(latest) ? key : latest), "");
  if (claimed === undefined || proved === "" || !rules.derivedAgain) {
    return emit("The verdict is MISMATCH, and people are told.", without(after, index));
  }
  emit(
    `The verdict is MISMATCH; ${proved} is derived again, and proved.`,
    becoming(after, index, { at: "bringing", key: proved }),
  );
}
