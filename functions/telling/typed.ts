import { originOf, SHIPPED_PREFIX, titleOf } from "../shared/names.ts";
import type { Line } from "./layout.ts";

/** What somebody types: by the command line `keyturn`, where it has such a command, or by AWS's own. */
export interface Typed {
  keyturn?: string | undefined;
  aws: string;
}

/** For whoever would type it elsewhere: npm would look for a package of that name there. */
export const IN_THE_PROJECT = "npx keyturn is typed in the project's folder; AWS's commands anywhere.";

/**
 * A command of `keyturn` as it can be pasted: with the Region of an execution, and with the deployment where that is not the one
 * as shipped. It is understood beside `npm start`, too, whose Region an execution there has.
 *
 * @param command what is typed behind `keyturn`; each is one word to a shell
 * @param subject whom it is about, if anybody
 */
export function keyturnLine(execution: string, command: string[], subject?: string): string {
  const { prefix } = originOf(execution);
  const region = execution.split(":")[3] ?? "";
  // Of a finding that somebody has altered it may be unknown: then the place is that of whoever types it.
  const isKnown = region !== "";
  const place = isKnown ? ["--region", region, ...(prefix === SHIPPED_PREFIX ? [] : ["--stack", titleOf(prefix)])] : [];
  const [verb = "", ...options] = command;
  // A secret's name may begin as an option does.
  const words = subject?.startsWith("-")
    ? [verb, ...options, ...place, "--", subject]
    : [verb, ...(subject === undefined ? [] : [subject]), ...options, ...place];
  return ["npx", "keyturn", ...words].join(" ");
}

/** The lines of a mail with it: by `keyturn` first, and by AWS's own below that. @param label of the first one */
export function typedLines(label: string, typed: Typed | undefined): Line[] {
  if (typed === undefined) return [];
  const { keyturn, aws } = typed;
  const [indent = ""] = /^ */.exec(label) ?? [];
  return keyturn === undefined
    ? [[label, aws]]
    : [
        [label, keyturn],
        [`${indent}Or`, aws],
      ];
}
