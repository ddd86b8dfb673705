/**
 * A key, as its lineage and its generation, which is the last character: `A2` follows from the first key `A1`; `3a3` is what
 * a rekey of generation 3 came to with the pair `a`, and `3a4` follows from it; `Ax2` follows from `A1` by a nonce that
 * somebody has made up. Empty: no key. Whoever knows a key can prove it, and nobody else.
 */
export type Key = string;

export function generationOf(key: Key): number {
  return key === "" ? 0 : key.charCodeAt(key.length - 1) - 48;
}

/** The key that follows by a nonce: `n` is the one that the control plane computes for that generation. */
export function successorOf(key: Key, nonce: string): Key {
  return `${key.slice(0, -1)}${nonce === "n" ? "" : nonce}${generationOf(key) + 1}`;
}

/** Whether a key follows from another by computed nonces, at once or after some turns. */
export function followsFrom(later: Key, earlier: Key): boolean {
  return later.slice(0, -1) === earlier.slice(0, -1) && generationOf(later) > generationOf(earlier);
}

/**
 * A ticket: the generation, one character for its nonce, and the key that its proof was made with; none for a rekey's. `?`
 * is a proof that fits no key. Empty: no ticket lies.
 */
export type Ticket = string;

export const ticketOf = (generation: number, nonce: string, proof: Key): Ticket => `${generation}${nonce}${proof}`;

/** The ticket of a rekey, which bears no proof. */
export const rekeyTicket = (generation: number): Ticket => ticketOf(generation, "n", "");

export function readTicket(ticket: Ticket): { generation: number; nonce: string; proof: Key; isOfRekey: boolean } {
  const proof = ticket.slice(2);
  return { generation: ticket.charCodeAt(0) - 48, nonce: ticket.charAt(1), proof, isOfRekey: proof === "" };
}

/** An execution of the rotation flow, between two of its calls. */
export interface Execution {
  at:
    | "validated" // and its samples not read yet
    | "verifying" // it has read samples: `seen`
    | "verified"
    | "deriving" // it has found no pending key, and is about to write `key`
    | "bringing" // it has proved by samples that the record is behind, and is about to write `key`
    | "pushing"
    | "laying"
    | "newer" // a newer ticket lies: `seen`
    | "replacing" // the record does not know it
    | "sending"
    | "waiting"
    | "confirmed";
  rekey: boolean;
  /** The generation that it is to reach. */
  to: number;
  /** The key that the receipt has to prove; of a rekey known once a receipt is there. */
  key: Key;
  ticket: Ticket;
  /** Whether its task token lies in the record, for whoever answers. */
  token: boolean;
  seen: string;
}

/** A turn of the agent's, between two operations. */
export interface Turn {
  at: "fetched" | "asking" | "writing" | "syncing" | "renaming" | "folder" | "repeating" | "printing";
  ticket: Ticket;
  /** Which key it is about to write, or to prove. */
  key: Key;
}

/** Whether a turn works on the key file, and so holds the lock. */
export const isLocked = ({ at }: Turn): boolean => at !== "fetched";

/** Whose data somebody has altered, who is excepted until that is mended. */
export interface Excepted {
  /** The key file was lost, or the disk put back from a backup. */
  disk: boolean;
  /** A thief of the credentials has answered a rekey. */
  theft: boolean;
  /** The generation that the record had when its table was restored; 0 where it was not, or has come so far again. */
  restoredFrom: number;
}

export interface State {
  // The record, and the ticket that lies.
  status: "ACTIVE" | "QUARANTINED" | "RETIRED";
  current: Key;
  pending: Key;
  /** The ticket that leads to the pending key. */
  pendingTicket: Ticket;
  /** The generation of the rekey that stands; 0 for none. */
  rekey: number;
  agreed: Key;
  ticket: Ticket;
  // The instance's disk: what a process reads, and what is left of it when the power goes.
  file: Key;
  fileSynced: boolean;
  lasting: Key;
  next: Key;
  nextSynced: boolean;
  /** The pairs of rekeys, as their generation, nonce and name. */
  pairs: string[];
  /** Commands that were sent and have not reached the agent. */
  commands: number;
  turns: Turn[];
  executions: Execution[];
  /** The keys that were proved by a receipt: SSM keeps what was printed, and events come late and twice. */
  receipts: Key[];
  /** Oldest first: the key, `e` where it was written before, or shortly after, the last promotion, `~` while it is on its way. */
  samples: string[];
  // What has happened already of what is bounded.
  madeUp: number;
  openings: number;
  thefts: number;
  altered: number;
  restores: number;
  forged: number;
  excepted: Excepted;
  /** Every key that the record ever knew, since what nobody altered. */
  known: Key[];
  /** What people were told of without a cause: empty, or a sentence. */
  told: string;
}

/** An instance at its first key, whose record agrees. */
export const BEGIN: State = {
  ...{ status: "ACTIVE", current: "A1", pending: "", pendingTicket: "", rekey: 0, agreed: "", ticket: "" },
  ...{ file: "A1", fileSynced: true, lasting: "A1", next: "", nextSynced: false, pairs: [] },
  ...{ commands: 0, turns: [], executions: [], receipts: [], samples: [] },
  ...{ madeUp: 0, openings: 0, thefts: 0, altered: 0, restores: 0, forged: 0 },
  ...{ excepted: { disk: false, theft: false, restoredFrom: 0 }, known: ["A1"], told: "" },
};

/** A letter for each, since the names of states are most of what is compared. */
const LETTERS = {
  ...{ validated: "v", verifying: "y", verified: "V", deriving: "d", bringing: "b", pushing: "p", laying: "l" },
  ...{ newer: "n", replacing: "r", sending: "s", waiting: "w", confirmed: "c" },
  ...{
    fetched: "f",
    asking: "a",
    writing: "w",
    syncing: "s",
    renaming: "r",
    folder: "o",
    repeating: "e",
    printing: "p",
  },
} satisfies Record<Execution["at"] | Turn["at"], string>;

const nameOfExecution = ({ at, rekey, to, key, ticket, token, seen }: Execution) =>
  `${LETTERS[at]}${rekey ? "R" : ""}${to}${key},${ticket}${token ? "+" : ""}${seen}`;
const nameOfTurn = ({ at, ticket, key }: Turn) => `${LETTERS[at]}${ticket},${key}`;

function sorted<One>(ones: One[], nameOfOne: (one: One) => string): string {
  if (ones.length === 0) return "";
  const first = nameOfOne(ones[0]!);
  if (ones.length === 1) return first;
  const second = nameOfOne(ones[1]!);
  return first < second ? `${first};${second}` : `${second};${first}`;
}

/** The same for states that differ only in which of two executions, or turns, is the first. */
export function nameOf(s: State): string {
  const { excepted: e } = s;
  const flags = (s.fileSynced ? 0 : 1) + (s.nextSynced ? 0 : 2) + (e.disk ? 4 : 0) + (e.theft ? 8 : 0);
  const happened = ((((s.madeUp * 4 + s.openings) * 4 + s.thefts) * 4 + s.altered) * 4 + s.restores) * 4 + s.forged;
  return (
    `${s.status[0]}${s.current},${s.pending},${s.pendingTicket},${s.rekey}${s.agreed},${s.ticket}|` +
    `${s.file},${s.lasting},${s.next},${s.pairs}|${s.commands}${sorted(s.turns, nameOfTurn)}|` +
    `${sorted(s.executions, nameOfExecution)}|${s.receipts}|${s.samples}|${flags},${happened},${e.restoredFrom}|` +
    `${s.known}|${s.told}`
  );
}

/** What is there, for a reader of a counter-example. */
export function looks(s: State): string {
  const record =
    s.status === "RETIRED"
      ? "retired"
      : [
          s.status === "QUARANTINED" && "in quarantine",
          `current ${s.current}`,
          s.pending && `pending ${s.pending}`,
          s.rekey > 0 && `rekey ${s.rekey}${s.agreed && `, agreed ${s.agreed}`}`,
        ]
          .filter(Boolean)
          .join(", ");
  const disk = `${s.file || "none"}${s.lasting === s.file ? "" : `, ${s.lasting || "none"} if the power goes`}`;
  const rest = [
    s.ticket && `ticket ${s.ticket}`,
    s.samples.length > 0 && `samples ${s.samples.join(" ")}`,
    ...s.executions.map((one) => `an execution ${one.at}${one.rekey ? " a rekey" : ""} to ${one.to}`),
    ...s.turns.map((one) => `a turn ${one.at}${one.key && ` ${one.key}`}`),
  ].filter(Boolean);
  return [`record: ${record}`, `key file: ${disk}`, ...rest].join("; ");
}
