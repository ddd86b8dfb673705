import type { CredentialRecord } from "../credential/record.ts";

/** What Keyturn remembers of credentials, one item each. */
export interface Credentials {
  /** Read consistently; undefined where nothing was ever written. */
  find(name: string): Promise<CredentialRecord | undefined>;

  /**
   * Writes a credential's item, if it stands still as it was read.
   *
   * @param before as it was read; undefined if there was none
   * @returns as it stands now; undefined if another write has come between
   */
  write(
    record: Omit<CredentialRecord, "version">,
    before: CredentialRecord | undefined,
  ): Promise<CredentialRecord | undefined>;
}
