import type { Account } from "./account.ts";
import type { Looked } from "./changes.ts";

/** Something that must be true; `holds` throws a sentence if it is not. */
export interface Invariant {
  name: string;
  holds: (account: Account, looked: Looked) => Promise<void> | void;
}
