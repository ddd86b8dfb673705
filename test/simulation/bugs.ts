import type { Bug } from "./bug.ts";

/** For each invariant something in the product that is broken on purpose, by what is broken. */
export const BUGS: Record<string, Bug> = {};
