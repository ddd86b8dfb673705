import { KEY_FORM } from "../../events/fields.ts";
import { type AuditLine, isInstanceId } from "../../protocol/index.ts";
import type { Standing } from "../reads/standing.ts";
import { detailsOf } from "./details.ts";

export type Kind = "instance" | "credential" | "access key";

/** A span of time, from its first to its last millisecond since 1970. */
export interface Time {
  from: number;
  to: number;
}

/** What a report says of a subject. */
export interface Row {
  subject: string;
  kind: Kind;
  ec2InstanceId?: string;
  /** How it stands now, as its record says; of an access key, what was done to it last. */
  state: string;
  /** In the time: how often its key, or it itself, was turned, how often that failed, and all other acts, by their names. */
  turns: number;
  failures: number;
  others: Record<string, number>;
  /** The last turn until the end of the time, also one before it; of an access key, what was done to it last. */
  last?: LastTurn;
}

export interface LastTurn {
  act: string;
  /** Milliseconds since 1970. */
  at: number;
  /** As claimed. */
  requestedBy?: string;
  trigger?: string;
  run?: string;
  verdict?: string;
  /** The generation of an instance's key, or the version of a credential. */
  turnedTo?: string;
  receiptDigest?: string;
  execution?: string;
}

const TURNS = ["promoted", "rekeyed"];
/** What is done to an access key in the place of a turn. */
const SHUT = "deactivated";
const FAILED = "failed";
const UNKNOWN = "NO RECORD";

/** What the lines of a subject say of a time: all that is kept of them, while others are read. */
export type Past = Omit<Row, "ec2InstanceId" | "state"> & {
  /** Whether there is a line of it until the end of the time, and whether the last of these says that it is gone for good. */
  isKnown: boolean;
  isGone: boolean;
  /** Of an access key: what was done to it last. */
  shut?: string;
};

/** @param lines all lines of a subject, in order; none where there is only a record of it */
export function pastOf({ subject, lines }: { subject: string; lines: readonly AuditLine[] }, { from, to }: Time): Past {
  const kind = kindOf(subject);
  // A line that somebody has altered may bear any time.
  const until = lines.filter(({ timeMs }) => timeMs >= 0 && timeMs <= to);
  const acts = until.filter(({ timeMs }) => timeMs >= from).map(({ act }) => act);
  const isLast = ({ act }: AuditLine) => (kind === "access key" ? act === SHUT : TURNS.includes(act));
  const last = until.findLast(isLast);
  return {
    ...{ subject, kind },
    turns: acts.filter((act) => TURNS.includes(act)).length,
    failures: acts.filter((act) => act === FAILED).length,
    others: counted(acts.filter((act) => !TURNS.includes(act) && act !== FAILED)),
    ...(last !== undefined && { last: turnOf(last) }),
    isKnown: until.length > 0,
    isGone: kind === "instance" && until.at(-1)?.act === "retired",
    ...(kind === "access key" && { shut: shutState(lines) }),
  };
}

/**
 * What a report says of a subject.
 *
 * @param standing how it stands now, where there is a record of it
 * @returns undefined of whom there was nothing in the time: who came later, who was gone before, an access key to which nothing
 *   was done
 */
export function rowOf(
  { isKnown, isGone, shut, ...past }: Past,
  standing: Standing | undefined,
  time: Time,
): Row | undefined {
  const hasLines = linesOf(past) > 0;
  if (!hasLines && (isGone || !wasThere({ ...past, isKnown }, standing, time))) return undefined;
  const { kind, subject, ...rest } = past;
  return {
    ...{ subject, kind },
    ...(standing?.ec2InstanceId !== undefined && { ec2InstanceId: standing.ec2InstanceId }),
    state: standing?.state ?? shut ?? UNKNOWN,
    ...rest,
  };
}

/** Whether a subject of whom there is no line in the time was there in it, and is one that is turned. */
function wasThere(
  { kind, isKnown }: Pick<Past, "kind" | "isKnown">,
  { registeredAt, retiredAt }: Partial<Standing> = {},
  { from, to }: Time,
): boolean {
  if (kind === "access key") return false;
  if (retiredAt !== undefined && retiredAt < from) return false;
  return isKnown || kind === "credential" || (registeredAt !== undefined && registeredAt <= to);
}

/** How many lines of the time there are of a subject. */
function linesOf({ turns, failures, others }: Pick<Row, "turns" | "failures" | "others">): number {
  return turns + failures + sum(Object.values(others));
}

function kindOf(subject: string): Kind {
  if (isInstanceId(subject)) return "instance";
  return KEY_FORM.test(subject) ? "access key" : "credential";
}

function shutState(lines: readonly AuditLine[]): string {
  const last = lines.findLast(({ act }) => act === SHUT);
  return last === undefined ? "NOT SHUT" : (detailsOf(last).done ?? SHUT.toUpperCase());
}

function turnOf(line: AuditLine): LastTurn {
  const details = detailsOf(line);
  const { requestedBy, trigger, run, verdict, receiptDigest, execution } = details;
  const turnedTo = details.generation ?? details.token;
  const given = Object.entries({ requestedBy, trigger, run, verdict, turnedTo, receiptDigest, execution });
  return {
    ...{ act: line.act, at: line.timeMs },
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
  };
}

/** What all rows come to. Each audit line of the time is one of these, so that they can be counted against the table. */
export interface Sums {
  subjects: number;
  turned: number;
  notTurned: number;
  turns: number;
  failures: number;
  others: Record<string, number>;
  /** Turns, failures and others together: as many as there are audit lines of the time. */
  lines: number;
}

export function sumsOf(rows: readonly Row[]): Sums {
  const others = new Map<string, number>();
  for (const [act, count] of rows.flatMap((row) => Object.entries(row.others)))
    others.set(act, (others.get(act) ?? 0) + count);
  // What is no turn of an access key is not one that is missing.
  const turnable = rows.filter(({ kind }) => kind !== "access key");
  const turned = turnable.filter((row) => row.turns > 0).length;
  return {
    ...{ subjects: rows.length, turned, notTurned: turnable.length - turned },
    turns: sum(rows.map((row) => row.turns)),
    failures: sum(rows.map((row) => row.failures)),
    others: Object.fromEntries(others),
    lines: sum(rows.map(linesOf)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function counted(names: readonly string[]): Record<string, number> {
  // Somebody may have altered a line, and have called its act `constructor`.
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

const KINDS: readonly Kind[] = ["instance", "credential", "access key"];

/** Instances first, then credentials, then access keys, each by name. */
export function inOrder(rows: Iterable<Row>): Row[] {
  return [...rows].sort((one, other) => {
    const byKind = KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind);
    return byKind || (one.subject < other.subject ? -1 : 1);
  });
}
