/** The IDs of one EC2 instance: `F` is its former, whose record is live in the beginning; the others are drawn one by one. */
export const IDS = ["F", "N", "M", "K"] as const;
export type Id = (typeof IDS)[number];

export interface RecordOfId {
  status: "none" | "NEW" | "ACTIVE" | "QUARANTINED" | "RETIRED";
  /** Who has its key: the host itself, or a thief of its credentials. */
  behind: "host" | "thief";
  /** Whether its receipt was seen: it was promoted once. */
  proved: boolean;
  /** Whether anybody wrote a sample under its ID within the last window. */
  wrote: boolean;
  /** How many windows have passed since it registered: two are more than an hour. */
  waited: 0 | 1 | 2;
}

/** The item of the EC2 instance. */
export interface Owner {
  holder: Id | "";
  newcomer: Id | "";
  former: Id | "";
  /** In the order of IDS. */
  displaced: string;
}

/** A registration or an execution for an ID, between two of its calls. */
export interface Work {
  at:
    | "reading" // a registration: record and owner item
    | "claiming" // the owner item is to name it
    | "adding"
    | "settling" // the owner item is to be written once more as it is
    | "activating"
    | "awaiting" // an execution: record and owner item
    | "pushing"
    | "promoting"
    | "admitting" // reads the owner item
    | "clearing" // retires whom an earlier admission has left
    | "taking" // the owner item is to name it as the holder
    | "retiring" // the former
    | "finishing";
  id: Id;
  /** The owner item as it is to be written, or as it stood when it was. */
  owner: Owner;
  /** Whether somebody else has written the owner item since it was read. */
  isStale: boolean;
}

export interface State {
  owner: Owner;
  records: Record<Id, RecordOfId>;
  host: {
    on: boolean;
    /** Whether EC2 says that it has run for a whole window. */
    ran: boolean;
    /** Under which ID it has a key. */
    holds: Id | "";
    /** Under which ID it registers. */
    drawn: Id;
  };
  registrations: Work[];
  executions: Work[];
  lost: number;
  thefts: number;
}

const UNUSED: RecordOfId = { status: "none", behind: "host", proved: false, wrote: false, waited: 0 };

/** An instance that has run for long. */
export const BEGIN: State = {
  owner: { holder: "F", newcomer: "", former: "", displaced: "" },
  records: { F: { ...UNUSED, status: "ACTIVE", wrote: true, waited: 2 }, N: UNUSED, M: UNUSED, K: UNUSED },
  host: { on: true, ran: true, holds: "F", drawn: "F" },
  ...{ registrations: [], executions: [], lost: 0, thefts: 0 },
};

const nameOfOwner = ({ holder, newcomer, former, displaced }: Owner) => `${holder},${newcomer},${former},${displaced}`;

/** Before and after these it is known what was read of the owner item; at the others it is read anew. */
const HAS_READ = ["claiming", "adding", "settling", "activating", "clearing", "taking", "retiring"];
const nameOfWork = ({ at, id, owner, isStale }: Work) =>
  HAS_READ.includes(at) ? `${at}${id}${nameOfOwner(owner)}${isStale ? "!" : ""}` : `${at}${id}`;

/** Without what no step asks for any more. */
function nameOfRecord({ records, owner, host }: State, id: Id): string {
  const { status, behind, proved, wrote, waited } = records[id];
  if (status === "none") return behind === "thief" ? "t" : "";
  const isLookedAt = id === owner.holder || id === owner.newcomer || owner.displaced.includes(id) || id === host.holds;
  const asNew = status === "NEW" ? waited : "";
  return `${status[0]}${behind[0]}${proved && status !== "RETIRED" ? "p" : ""}${wrote && (isLookedAt || status === "NEW") ? "w" : ""}${asNew}`;
}

export function nameOf(state: State): string {
  const { owner, host, registrations, executions, lost, thefts } = state;
  const works = (all: Work[]) => (all.length === 0 ? "" : all.map(nameOfWork).sort().join(";"));
  return (
    `${nameOfOwner(owner)}|${IDS.map((id) => nameOfRecord(state, id))}|` +
    `${host.on ? "+" : "-"}${host.ran ? "r" : ""}${host.holds},${host.drawn}|${works(registrations)}|${works(executions)}|${lost}${thefts}`
  );
}

/** Whether there is a record that is not retired. */
export const isLive = ({ status }: RecordOfId): boolean => status !== "none" && status !== "RETIRED";

/** The record that an owner item names, where it is live. */
export function named({ records }: State, id: Id | ""): Id | undefined {
  return id !== "" && isLive(records[id]) ? id : undefined;
}

export function withRecord(state: State, id: Id, changes: Partial<RecordOfId>): State {
  return { ...state, records: { ...state.records, [id]: { ...state.records[id], ...changes } } };
}

/** An ID that nobody has drawn. */
export function freeId({ records, host, registrations }: State): Id | undefined {
  return IDS.find((id) => {
    const { status, behind } = records[id];
    return status === "none" && behind === "host" && host.drawn !== id && registrations.every((one) => one.id !== id);
  });
}

export function looks({ owner, records, host }: State): string {
  const each = IDS.filter((id) => records[id].status !== "none").map((id) => {
    const { status, behind, wrote } = records[id];
    return `${id} ${status}${behind === "thief" ? ", a thief's" : ""}${wrote ? ", writing" : ""}`;
  });
  const item = [
    `holder ${owner.holder || "none"}`,
    owner.newcomer && `newcomer ${owner.newcomer}`,
    owner.displaced && `displaced ${owner.displaced}`,
    owner.former && `former ${owner.former}`,
  ];
  const power = host.on ? "runs" : "is off";
  return [
    ...each,
    `owner item: ${item.filter(Boolean).join(", ")}`,
    `the host ${power}, and holds ${host.holds || "no key"}`,
  ].join("; ");
}
