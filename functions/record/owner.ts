/**
 * The item of an EC2 instance, which says what records it may have. It is written before they are: a record that it does
 * not name is not to be, whoever meets it. All times are milliseconds since 1970.
 */
export interface Owner {
  /** The ID of its one live record. None where no more is known of the host than its end. */
  holder?: string | undefined;
  /** The ID that registered last beside the holder, and takes its place once that has fallen silent. */
  newcomer?: string | undefined;
  /** The IDs whose place the newcomer has taken: the host may still be one of them, so that they have to be silent, too. */
  displaced?: string[] | undefined;
  /** The ID whose place the holder has taken: its record is retired, or is to be. */
  former?: string | undefined;
  /** When it came under a new ID lately. */
  cameAt: number[];
  /** When EC2 said that the host is terminated: no record is added for it any more. */
  endedAt?: number | undefined;
  /** Counts the writes. */
  version: number;
}

/** How many new IDs an EC2 instance may come under in a day. */
export const MOST_IDS_A_DAY = 5;

/** How many newcomers one after the other may take each other's place: so many days of a thief, or a host that is broken. */
export const MOST_DISPLACED = 50;

const A_DAY_MS = 24 * 3600 * 1000;

/**
 * The moments at which an EC2 instance came under a new ID within the last day, with one more.
 *
 * @param cameAt those before
 * @returns undefined if it would be one too many
 */
export function comingAgain(cameAt: number[], now: number): number[] | undefined {
  const lately = cameAt.filter((at) => at > now - A_DAY_MS);
  return lately.length < MOST_IDS_A_DAY ? [...lately, now] : undefined;
}

/** Whether the item names a record: its holder, or who waits to become that. */
export function isNamed(owner: Owner | undefined, id: string): boolean {
  return owner?.holder === id || owner?.newcomer === id;
}
