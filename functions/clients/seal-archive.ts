import type { Seal } from "../../protocol/index.ts";

/** A place outside of the account's tables in which seals are kept, and cannot be altered by anybody until their time is up. */
export interface SealArchive {
  /**
   * Keeps a seal with its heads, if none is kept of that day. What is kept of a day stays as it is.
   *
   * @param until when it may be deleted, in milliseconds since 1970
   * @returns whether it is kept by this call; false where one was kept before, or there is no such place
   */
  keep(seal: Seal, until: number): Promise<boolean>;
}
