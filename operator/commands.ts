import { ACTING } from "./specs/acting.ts";
import { LOOKING } from "./specs/looking.ts";
import { PROVING } from "./specs/proving.ts";
import type { CommandSpec } from "./specs/spec.ts";

/** Every command, below the headings under which the help lists them, and in its order. */
export const GROUPS: readonly (readonly [heading: string, commands: readonly CommandSpec[]])[] = [
  ["Look:", LOOKING],
  ["Act:", ACTING],
  ["Audit, and what is beside it:", PROVING],
];

export const COMMANDS: readonly CommandSpec[] = GROUPS.flatMap(([, commands]) => commands);
