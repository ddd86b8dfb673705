import type { AuditLine, Seal } from "../../protocol/index.ts";

/** Where a line lies. */
export type LineKey = Pick<AuditLine, "subject" | "n">;

/** The audit lines, chained for each subject, and the seals over them. Whatever is put stays as it is. */
export interface Audit {
  /**
   * Puts a line where none is. One call; two where one lies there already.
   *
   * @param put.at when it is put, in milliseconds since 1970: a seal looks for it under that day
   * @returns whether the line lies there now, also when it did before; false if another lies in its place
   * @throws TypeError when the subject is none: 1 to 512 characters, and not `seal#` at the beginning
   */
  put(line: AuditLine, put: { at: number }): Promise<boolean>;

  /** One line, read consistently; undefined if there is none. One call. */
  line(key: LineKey): Promise<AuditLine | undefined>;

  /** The last line of a subject, read consistently; undefined if there is none. One call. */
  last(subject: string): Promise<AuditLine | undefined>;

  /**
   * Lines of a subject in their order, read consistently, a page at a time. One call for each page, which may have less
   * than its limit. They are given as they lie there, so that a check finds what is malformed.
   *
   * @param page.after the number above which to begin; 0 if it is left out
   * @returns `next` is the `after` of the next page; undefined after the last one
   */
  lines(
    subject: string,
    page?: { after?: number | undefined; limit?: number },
  ): Promise<{ lines: AuditLine[]; next?: number }>;

  /**
   * Where the lines lie that were put on a day, in no order, a page at a time. Through an index, so one that was put a
   * moment ago may be missing. One call for each page, of up to 10,000 keys or so where no limit is given.
   *
   * @param page.after what the page before gave as `next`
   */
  keysOfDay(
    day: string,
    page?: { after?: string | undefined; limit?: number },
  ): Promise<{ keys: LineKey[]; next?: string }>;

  /**
   * Puts a seal after the one that it names as its predecessor, if that is the last one and of an earlier day: so seals
   * are one chain, and a day has one. From then on nothing of it changes; as long as it does not stand, it can be put
   * again, whatever is left of an attempt that died. Its heads lie there as `headsInOrder` has them. Two or three
   * calls, and one for each thousand heads or so.
   *
   * @returns whether it stands now, also when it did before; false if another stands in its place
   */
  putSeal(seal: Seal): Promise<boolean>;

  /**
   * The seal that was put last, with its heads, read consistently; undefined if there is none. Two calls, for many
   * heads more.
   */
  lastSeal(): Promise<Seal | undefined>;

  /** The seal of a day, with its heads; undefined if the day has none. Two calls for a day of the last hundred. */
  sealOf(day: string): Promise<Seal | undefined>;

  /**
   * The seals with their heads, in their order, a page at a time. One call for a page and one or more for each seal.
   *
   * @param page.after what the page before gave as `next`
   */
  seals(page?: { after?: number | undefined; limit?: number }): Promise<{ seals: Seal[]; next?: number }>;
}

/** What the seals lie under: no subject begins so. */
export const SEALS = "seal#";

const LONGEST_SUBJECT = 512;

/** @throws TypeError when a line may not be put under that subject */
export function demandSubject(subject: string): void {
  if (subject === "" || subject.length > LONGEST_SUBJECT || subject.startsWith(SEALS)) {
    throw new TypeError(`subject must be 1 to ${LONGEST_SUBJECT} characters that do not begin with ${SEALS}`);
  }
}

const FIELDS = ["subject", "n", "timeMs", "act", "details", "previous", "digest"] as const;

/** Whether two lines are one. */
export function isSameLine(one: AuditLine, other: AuditLine): boolean {
  return FIELDS.every((field) => one[field] === other[field]);
}
