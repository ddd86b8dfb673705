import type { Use, UseWriter } from "../protocol/index.ts";

/** A use, as the consumer knows it: on which instance it runs, or with which role, the writer finds out. */
export type UseHere = Omit<Use, keyof UseWriter>;

/** Where use proofs go. */
export interface ProofWriter {
  /**
   * Writes a use. Of a version that a consumer uses on an instance, or with a role, the last use is what counts.
   *
   * @throws TypeError when a field has not its form; else whatever AWS, the metadata service or the network says
   */
  write(use: UseHere): Promise<void>;
  /** Lets connections go. */
  close(): void;
}
