import type { Account } from "./account.ts";

/** Something that must be true; `holds` throws a sentence if it is not. */
export interface Invariant {
  name: string;
  holds: (account: Account) => Promise<void> | void;
}
