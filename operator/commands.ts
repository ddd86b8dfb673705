import { ACTING } from "./specs/acting.ts";
import { LOOKING } from "./specs/looking.ts";
import { PROVING } from "./specs/proving.ts";
import type { CommandSpec } from "./specs/spec.ts";

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly CommandSpec[] = [...LOOKING, ...ACTING, ...PROVING];
