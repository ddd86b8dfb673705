import type { Around } from "./bounds.ts";
import { isHonest } from "./others.ts";
import { agreeRekey } from "./record.ts";
import { withSample } from "./samples.ts";
import {
  generationOf,
  isLocked,
  type Key,
  readTicket,
  type State,
  successorOf,
  type Ticket,
  type Turn,
} from "./state.ts";

/** The agent on the instance: agent/turn, agent/disk.ts, and the lock. */
export function agentSteps(state: State, around: Around): void {
  const { bounds, emit } = around;
  if (state.commands > 0) {
    const left = state.commands - 1;
    if (state.turns.length < bounds.turns) {
      const turn: Turn = { at: "fetched", ticket: state.ticket, key: "" };
      const begun = { ...state, turns: [...state.turns, turn] };
      const fetched = state.ticket === "" ? "finds no ticket" : `fetches ticket ${state.ticket}`;
      emit(`A command reaches the agent, which ${fetched}.`, { ...begun, commands: left });
      if (bounds.deaths) emit(`A command that comes once more reaches the agent, which ${fetched}.`, begun);
    }
    if (bounds.deaths) emit("A command is lost.", { ...state, commands: left });
  }
  for (const [index, turn] of state.turns.entries()) {
    turnSteps(state, index, turn, around);
    if (bounds.deaths) emit(`The turn that was ${turn.at} dies.`, without(state, index));
  }
  if (state.file !== state.lasting && state.fileSynced) {
    emit(`Time goes by: the file system has written that ${state.file} is the key.`, { ...state, lasting: state.file });
  }
  if (bounds.powerLoss) losePower(state, around);
}

function without(state: State, index: number): State {
  return { ...state, turns: state.turns.filter((_, n) => n !== index) };
}

function becoming(state: State, index: number, turn: Partial<Turn>): State {
  return { ...state, turns: state.turns.map((one, n) => (n === index ? { ...one, ...turn } : one)) };
}

function turnSteps(state: State, index: number, turn: Turn, around: Around) {
  const { rules, bounds, emit } = around;
  const { key } = turn;
  switch (turn.at) {
    case "fetched": {
      if (rules.lock && state.turns.some(isLocked)) return;
      judge(cleaned(state), index, turn, around);
      return;
    }
    case "asking":
      ask(state, index, turn, around);
      return;
    case "writing":
      emit(`The agent writes ${key} beside its key file.`, {
        ...becoming(state, index, { at: "syncing" }),
        ...{ next: key, nextSynced: false },
      });
      return;
    case "syncing":
      emit("The agent syncs what it wrote.", {
        ...becoming(state, index, { at: "renaming" }),
        nextSynced: rules.fileSync && state.next !== "",
      });
      return;
    case "renaming":
      if (state.next === "") {
        emit("The agent's rename fails: what it wrote is gone.", without(state, index));
        return;
      }
      emit(`The agent renames: ${state.next} is its key.`, {
        ...becoming(state, index, { at: rules.folderSync ? "folder" : "printing" }),
        ...{ file: state.next, fileSynced: state.nextSynced, next: "", nextSynced: false },
      });
      return;
    case "folder":
    case "repeating":
      emit("The agent syncs the folder.", {
        ...becoming(folderSynced(state), index, { at: "printing" }),
      });
      return;
    case "printing": {
      const pairs = state.pairs.filter((pair) => Number(pair[0]) > generationOf(key));
      const receipts = state.receipts.includes(key) ? state.receipts : [...state.receipts, key].sort();
      const ended = { ...without(state, index), pairs, receipts };
      emit(`The agent prints the receipt for ${key}.`, ended);
      if (bounds.samples > 0) {
        const proved = withSample(ended, state.file, bounds);
        emit(`The agent writes a sample, and prints the receipt for ${key}.`, proved);
      }
    }
  }
}

/** Under the lock what a death has left goes first, and pairs that are spent; for either the folder is synced. */
function cleaned(state: State): State {
  const { pairs, file, next } = state;
  const left = pairs.filter((pair) => Number(pair[0]) > generationOf(file));
  if (next === "" && (left.length === pairs.length || file === "")) return state;
  return { ...folderSynced(state), next: "", nextSynced: false, pairs: file === "" ? pairs : left };
}

function folderSynced(state: State): State {
  const { file, fileSynced, lasting } = state;
  return file === lasting ? state : { ...state, lasting: fileSynced ? file : "" };
}

/** What the agent does by its ticket and the key that it holds: agent/turn/ticket.ts. */
function judge(state: State, index: number, { ticket }: Turn, { rules, emit }: Around) {
  const { file } = state;
  const held = generationOf(file);
  const { generation, nonce, proof, isOfRekey } = readTicket(ticket);
  const refuse = (why: string) => emit(`The agent refuses: ${why}.`, without(state, index));
  if (ticket !== "" && isOfRekey && generation > held) {
    const asking = becoming(state, index, { at: "asking", key: pairFor(state, ticket) });
    const pair = `${ticket}${asking.turns[index]!.key}`;
    const pairs = state.pairs.includes(pair) || !rules.pairLasts ? state.pairs : [...state.pairs, pair].sort();
    emit("The agent takes the lock, and has a lasting pair for this rekey.", { ...folderSynced(asking), pairs });
    return;
  }
  if (file === "") return refuse("it has no key");
  if (ticket === "" || generation <= held) {
    // A first key came from no ticket.
    if (file === "A1") return refuse("no ticket lies that leads on");
    const at = rules.syncOnRepeat ? "repeating" : "printing";
    emit(
      `The agent takes the lock, and is to answer once more for ${file}.`,
      becoming(state, index, { at, key: file }),
    );
    return;
  }
  if (generation !== held + 1) return refuse("the ticket does not lead to the next generation");
  if (rules.ticketProof && proof !== file) return refuse("the ticket's proof does not fit");
  const key = successorOf(file, nonce);
  emit(
    `The agent takes the lock, and is to turn from ${file} to ${key}.`,
    becoming(state, index, { at: "writing", key }),
  );
}

/** The pair that an attempt before has left for this very rekey, or a fresh one: never one that was drawn before. */
function pairFor({ pairs, agreed }: State, ticket: Ticket): string {
  const left = pairs.find((pair) => pair.slice(0, 2) === ticket);
  if (left !== undefined) return left.slice(2);
  return agreed === keyOfPair(ticket, "a") ? "b" : "a";
}

const keyOfPair = (ticket: Ticket, pair: string): Key => `${ticket[0]}${pair}${ticket[0]}`;

/** The registration function's answer to `flag: "rekey"`: functions/registration/asked-rekey.ts and derive-rekey. */
function ask(state: State, index: number, { ticket, key: pair }: Turn, { rules, bounds, emit }: Around) {
  const { status, rekey, agreed } = state;
  const { generation, nonce } = readTicket(ticket);
  const own = keyOfPair(ticket, pair);
  const ended = without(state, index);
  const erased = { ...ended, pairs: state.pairs.filter((one) => one !== `${ticket}${pair}`) };
  if (status === "RETIRED") return emit("The agent asks for a key, and is refused: RETIRED.", ended);
  if (status === "QUARANTINED") return emit("The agent asks for a key, and is refused: QUARANTINED.", ended);
  if (rekey !== generation || nonce !== "n") return emit("The agent asks for a key, and is refused: NO_REKEY.", erased);
  if (rules.oneAnswer && agreed !== "" && agreed !== own) {
    // People are told that somebody else has answered.
    const told = isHonest(state) ? "the host is refused, since it has answered itself" : state.told;
    return emit("The agent asks for a key, and is refused: REKEY_TAKEN.", { ...erased, told });
  }
  const answered = agreeRekey(state, own);
  emit(`The agent asks for a key, and agrees ${own}.`, becoming(answered, index, { at: "writing", key: own }));
  if (bounds.deaths) emit(`The agent asks, and agrees ${own}; the answer is lost.`, without(answered, index));
}

/** With the power, all that runs there is dead, and a rename that was not synced may have lasted or not. */
function losePower(state: State, { emit }: Around) {
  const { file, fileSynced, lasting, next } = state;
  const isAtRest = state.turns.length === 0 && next === "" && file === lasting;
  if (isAtRest) return;
  const dark = { ...state, turns: [], next: "", nextSynced: false, fileSynced: true };
  emit(`The power goes, and ${lasting || "no key"} has lasted.`, { ...dark, file: lasting });
  if (file === lasting) return;
  const kept = fileSynced ? file : "";
  emit(`The power goes, and ${kept || "no key"} has lasted.`, { ...dark, file: kept, lasting: kept });
}
