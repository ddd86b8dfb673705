import type { Finding, FindingKey } from "../findings/finding.ts";

/** The findings: what people are told, and how far that has come. */
export interface Findings {
  /** Read consistently. */
  find(key: FindingKey): Promise<Finding | undefined>;

  /**
   * Writes a finding, if it stands still as it was read. One of which all is told is kept for 90 days more.
   *
   * @param before as it was read; undefined if there was none
   * @returns as it stands now; undefined if another write has come between
   */
  write(finding: Omit<Finding, "version">, before: Finding | undefined): Promise<Finding | undefined>;

  /**
   * The findings that stand, and those whose end is not told yet, the oldest first, a page at a time. Found by an index, so
   * one that was written a moment ago may be missing, or be given as it was before.
   *
   * @param after what the page before gave as `next`
   * @param limit how many at the most; as many as a page takes where it is left out
   */
  listOpen(after?: string, limit?: number): Promise<{ findings: Finding[]; next?: string }>;
}
