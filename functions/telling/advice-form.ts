import type { About } from "./commands.ts";
import type { Typed } from "./typed.ts";

/** What something that went wrong means, and what the person who reads of it does. */
export interface Advice {
  /** In a few words, as a mail begins. */
  title: string;
  means: string;
  todo: string;
  /** The section of docs/runbook.md; the cause itself where it is left out. */
  section?: string;
  /** What to type first, with the names of the finding in it; undefined where it lacks one. */
  command?: (about: About) => Typed | undefined;
  /** What to type where it stands of many: one command for all of them. */
  commandForAll?: (about: Pick<About, "execution">) => Typed;
}
