import type { Finding } from "../functions/findings/finding.ts";
import { adviceFor } from "../functions/telling/advice.ts";
import { aboutOf } from "../functions/telling/finding-mail.ts";

/** What a finding is called, what it means and what to do about it, as its mail says it too. */
export interface Told {
  title: string;
  means: string;
  todo: string;
  /** Of docs/runbook.md. */
  section: string;
  /** What to type: a command of `keyturn`, or of AWS's own where there is none; undefined where nobody knows of whom. */
  type: string | undefined;
  /** What does the same by AWS's own command line, where `type` is one of `keyturn`. */
  or: string | undefined;
}

/** @param isOfMany whether it stands of many, of which this is one: then one command for all of them is told, where there is such */
export function toldOf(finding: Pick<Finding, "subject" | "cause" | "facts" | "execution">, isOfMany = false): Told {
  const { title, means, todo, section, command, commandForAll } = adviceFor(finding.cause, finding.facts.kind);
  const typed = (isOfMany ? commandForAll?.(finding) : undefined) ?? command?.(aboutOf(finding));
  // Where somebody has altered its execution, nobody knows in which Region, and by which names.
  const or = typed?.keyturn === undefined || finding.execution === "" ? undefined : typed.aws;
  return { title, means, todo, section, type: typed?.keyturn ?? typed?.aws, or };
}
