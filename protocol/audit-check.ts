import { type AuditLine, auditDigest, type Head, type Seal, sealDigest } from "./audit.ts";
import { isCount } from "./check.ts";

/** What may be found wrong with the audit, each with what it means. */
export const AUDIT_FAULTS = {
  LINE_CHANGED: "a line's content does not give its digest",
  LINE_UNCHAINED: "a line does not name the digest of the line before",
  LINE_MISSING: "lines are missing before others of their subject",
  END_CUT: "a chain ends before a line that was sealed",
  SUBJECT_REMOVED: "no line is left of a subject that was sealed",
  CHAIN_REHASHED: "a chain is right in itself, and is not the one that was sealed",
  SEAL_CHANGED: "a seal's day, predecessor and heads do not give its digest",
  SEAL_UNCHAINED: "a seal does not name the digest of the seal before",
  SEAL_MISSING: "a seal that is known outside is not there, and later ones are",
  SEAL_REPLACED: "a seal is right in itself, and is not the one that is known outside",
  TABLE_RESTORED: "the seals end before one that is known outside",
} as const;

/** Something wrong with the audit: of a subject's chain or of a day's seal. */
export interface AuditFault {
  what: keyof typeof AUDIT_FAULTS;
  /** Whose chain it is. */
  subject?: string;
  /** The line's number, or the first one's where several are meant. */
  n?: number;
  /** The day of the seal that is wrong, or that tells of a chain. */
  day?: string;
  /** A sentence for people. */
  says: string;
}

/** The last line that a seal says a subject had. */
export type SealedHead = Head & { day: string };

/** A seal's digest as it is known outside of the table: from a mail, a log, a locked bucket. */
export type KnownSeal = Pick<Seal, "day" | "digest">;

/**
 * All that is wrong with an audit, of its seals first, and then by subject.
 *
 * What is found without anything from outside: a line that was changed, added or taken away, and what was sealed and is
 * no more, however well its chain was hashed anew. What lies above the last seal can be hashed anew, or cut from the
 * end, without a trace; and so can everything by whoever also writes the seals anew, all of them from the first that
 * tells of it, or has the whole table restored to an earlier moment. **That is found by the digests that are known
 * outside alone**: what has been tampered with up to the day of such a digest cannot go with it. So an empty list says
 * of a table alone that it is whole in itself, and with the newest digest from outside that it is the one that was.
 *
 * @param audit.lines all lines of all subjects, in any order, as they are stored: malformed ones are found, too
 * @param audit.seals all seals, in any order
 * @param audit.known digests from outside; of one day there may be several, from several places
 */
export function auditFaults(audit: {
  lines: readonly AuditLine[];
  seals: readonly Seal[];
  known?: readonly KnownSeal[];
}): AuditFault[] {
  const seals = checkedSeals(audit.seals);
  const chains = Map.groupBy(audit.lines, ({ subject }) => subject);
  const subjects = [...new Set([...chains.keys(), ...seals.heads.keys()])].sort();
  return [
    ...seals.faults(audit.known),
    ...subjects.flatMap((subject) =>
      chainFaults({ subject, lines: chains.get(subject) ?? [], sealed: seals.heads.get(subject) ?? [] }),
    ),
  ];
}

/**
 * Seals that are checked one after the other, in any order. Of each only as much stays in memory as `chainFaults` needs, for
 * who then checks one subject after the other: an audit may be larger than a memory.
 */
export class CheckedSeals {
  readonly #seals: CheckedSeal[] = [];
  /** What all seals say of each subject, in the order of the seals. */
  readonly heads = new Map<string, SealedHead[]>();
  readonly #isMeant: (subject: string) => boolean;

  /** @param isMeant of whom the heads are kept: of all where it is left out */
  constructor(isMeant: (subject: string) => boolean = () => true) {
    this.#isMeant = isMeant;
  }

  add(seal: Seal): void {
    const { day, previous, digest, heads } = seal;
    this.#seals.push({ day, previous, digest, fits: digestOrNone(() => sealDigest(seal)) === digest });
    for (const { subject, n, digest: sealed } of heads) {
      if (!this.#isMeant(subject)) continue;
      const known = this.heads.get(subject);
      if (known === undefined) this.heads.set(subject, [{ subject, n, digest: sealed, day }]);
      else known.push({ subject: known[0]?.subject ?? subject, n, digest: sealed, day });
    }
  }

  /** How many there are. */
  get count(): number {
    return this.#seals.length;
  }

  /** The seal of the latest day; undefined where there is none. */
  get last(): KnownSeal | undefined {
    const last = this.#inOrder().at(-1);
    return last && { day: last.day, digest: last.digest };
  }

  /**
   * What is wrong with them, in themselves and by what is known outside.
   *
   * @param known digests from outside, in any order
   */
  faults(known: readonly KnownSeal[] = []): AuditFault[] {
    const seals = this.#inOrder();
    return [...seals.flatMap((seal, index) => oneSealsFaults(seal, seals[index - 1])), ...knownFaults(seals, known)];
  }

  #inOrder(): CheckedSeal[] {
    return this.#seals.toSorted((one, other) => (one.day < other.day ? -1 : 1));
  }
}

/** A seal without its heads, once it is known whether they give its digest. */
type CheckedSeal = Omit<Seal, "heads"> & { fits: boolean };

function checkedSeals(seals: readonly Seal[]): CheckedSeals {
  const checked = new CheckedSeals();
  for (const seal of seals) checked.add(seal);
  return checked;
}

/**
 * What is wrong with one subject's chain.
 *
 * @param chain.lines all of the subject's lines, in any order
 * @param chain.sealed what all seals say of it, in any order
 */
export function chainFaults(chain: {
  subject: string;
  lines: readonly AuditLine[];
  sealed: readonly SealedHead[];
}): AuditFault[] {
  const { subject } = chain;
  const lines = chain.lines.filter(({ n }) => isCount(n)).sort((one, other) => one.n - other.n);
  const sealed = chain.sealed.toSorted((one, other) => one.n - other.n);
  const changed = chain.lines
    .filter((line) => digestOrNone(() => auditDigest(line)) !== line.digest)
    .map(({ n }) => ({
      ...{ what: "LINE_CHANGED" as const, subject, n },
      says: `Line ${n} of ${subject} was changed: its content does not give its digest.`,
    }));
  return [...changed, ...linkFaults(subject, lines), ...sealedFaults(subject, lines, sealed)];
}

/** Where lines that are in order do not follow each other. */
function linkFaults(subject: string, lines: readonly AuditLine[]): AuditFault[] {
  return lines.flatMap(({ n, previous }, index): AuditFault[] => {
    const before = lines[index - 1] ?? { n: 0, digest: "" };
    if (n > before.n + 1) {
      const missing = n === before.n + 2 ? `Line ${n - 1}` : `Lines ${before.n + 1} to ${n - 1}`;
      const says = `${missing} of ${subject} cannot be found, and line ${n} can.`;
      return [{ what: "LINE_MISSING", subject, n: before.n + 1, says }];
    }
    if (previous === before.digest) return [];
    const says =
      before.n === 0
        ? `Line ${n} of ${subject} is the first, and names one before.`
        : `Line ${n} of ${subject} does not follow from line ${before.n}: one of them was put in another's place.`;
    return [{ what: "LINE_UNCHAINED", subject, n, says }];
  });
}

/** Where lines are not those that were sealed; both are in order. Of several such heads the first says enough. */
function sealedFaults(subject: string, lines: readonly AuditLine[], sealed: readonly SealedHead[]): AuditFault[] {
  const highest = sealed.at(-1);
  if (highest === undefined) return [];
  const last = lines.at(-1);
  const { n, day } = highest;
  if (last === undefined) {
    const says = `No line of ${subject} can be found, and the seal of ${day} covers ${n}: the subject was removed.`;
    return [{ what: "SUBJECT_REMOVED", subject, n: 1, day, says }];
  }
  const faults: AuditFault[] = [];
  if (last.n < n) {
    const says = `The chain of ${subject} ends with line ${last.n}, and the seal of ${day} covers ${n}: its end was cut.`;
    faults.push({ what: "END_CUT", subject, n: last.n + 1, day, says });
  }
  const digests = new Map(lines.map((line) => [line.n, line.digest]));
  const other = sealed.find((head) => digests.has(head.n) && digests.get(head.n) !== head.digest);
  if (other !== undefined) {
    const says = `Line ${other.n} of ${subject} is not the one in the seal of ${other.day}: the chain up to it was hashed anew.`;
    faults.push({ what: "CHAIN_REHASHED", subject, n: other.n, day: other.day, says });
  }
  return faults;
}

/**
 * What is wrong with the seals, in themselves and by what is known outside.
 *
 * @param audit.seals all of them, in any order
 * @param audit.known digests from outside, in any order
 */
export function sealFaults(audit: { seals: readonly Seal[]; known?: readonly KnownSeal[] }): AuditFault[] {
  return checkedSeals(audit.seals).faults(audit.known);
}

function oneSealsFaults({ day, previous, fits }: CheckedSeal, before: CheckedSeal | undefined): AuditFault[] {
  const faults: AuditFault[] = [];
  if (!fits) {
    const says = `The seal of ${day} was changed: its day, predecessor and heads do not give its digest.`;
    faults.push({ what: "SEAL_CHANGED", day, says });
  }
  if (previous !== (before?.digest ?? "")) {
    const says = before
      ? `The seal of ${day} does not follow from that of ${before.day}: one between was removed, or one was replaced.`
      : `The seal of ${day} is the first, and names one before: that was removed.`;
    faults.push({ what: "SEAL_UNCHAINED", day, says });
  }
  return faults;
}

/** Where seals, which are in order, are not those that are known outside. */
function knownFaults(seals: readonly KnownSeal[], known: readonly KnownSeal[]): AuditFault[] {
  const last = seals.at(-1)?.day ?? "";
  return known.flatMap(({ day, digest }): AuditFault[] => {
    const here = seals.filter((seal) => seal.day === day);
    if (here.some((seal) => seal.digest === digest)) return [];
    if (here.length > 0) {
      const says = `The seal of ${day} is not the one that is known outside: lines up to then, and seals, were hashed anew.`;
      return [{ what: "SEAL_REPLACED", day, says }];
    }
    if (day < last) {
      const says = `The seal of ${day} is known outside and cannot be found, and that of ${last} can: it was removed, or the table restored and sealed again.`;
      return [{ what: "SEAL_MISSING", day, says }];
    }
    const says = `The seal of ${day} is known outside, and ${last === "" ? "there is none" : `the last one is that of ${last}`}: the table was restored to a moment before, or its end was cut.`;
    return [{ what: "TABLE_RESTORED", day, says }];
  });
}

/** Undefined where something has not its form, so that no digest is its own. */
function digestOrNone(compute: () => string): string | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
