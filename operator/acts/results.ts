import { consoleLink } from "../../functions/telling/console-link.ts";
import type { Context, Outcome } from "../context.ts";
import { EXIT, type ExitCode } from "../exits.ts";
import type { Cell, Output } from "../output/output.ts";
import type { Execution } from "./follow.ts";

/** What came of an act on one. */
export interface Result {
  /** Who it was about: an instance's ID, the name of a secret, or of a run. */
  subject: string;
  /** In one word, as the flow says it. */
  outcome: string;
  code: ExitCode;
  /** What that means, and what to do. */
  said: string;
  /** ARN of the execution; none where none was started. */
  execution?: string;
}

/** What outcomes mean, and with which code they end where it is not that all is done. */
export type Meanings = Record<
  string,
  { code?: ExitCode; said: string | ((output: Record<string, unknown>) => string) }
>;

/** The errors by which flows refuse what somebody asks for: nothing was done, and nobody else was told. */
const REFUSALS = ["UnknownId", "InvalidInput", "AgentTooOld", "RequestRefused"];

/** A cause may be a whole JSON text. */
const LONGEST_CAUSE = 500;

/**
 * What came of an execution.
 *
 * @param meanings of the outcomes that are known; any other, as of a later version, is shown as it is
 * @param follow where to look at it where it goes on or has failed, as a sentence
 */
export function resultOf(subject: string, end: Execution, meanings: Meanings, follow: string): Result {
  const { arn: execution, status, output } = end;
  const error = end.error.replace(/^Keyturn\./, "");
  const cause = end.cause.slice(0, LONGEST_CAUSE);
  if (status === "SUCCEEDED") {
    const outcome = String(output.outcome ?? "DONE");
    const { code = EXIT.done, said = "" } = meanings[outcome] ?? {};
    return { subject, outcome, code, said: typeof said === "string" ? said : said(output), execution };
  }
  if (status === "RUNNING") {
    const said = `It goes on without this command. ${follow}`;
    return { subject, outcome: status, code: EXIT.interrupted, said, execution };
  }
  if (REFUSALS.includes(error)) {
    return { subject, outcome: "REFUSED", code: EXIT.refused, said: cause, ...(execution !== "" && { execution }) };
  }
  const said = [cause, follow].filter(Boolean).join(" ");
  return { subject, outcome: error || status, code: EXIT.failed, said, ...(execution !== "" && { execution }) };
}

/** Of an execution that was started, and is not waited for. */
export function startedAs(subject: string, execution: string, follow: string): Result {
  return { subject, outcome: "STARTED", code: EXIT.done, said: follow, execution };
}

/** The code of several: the worst, which is that something failed. */
function codeOf(results: readonly Result[]): ExitCode {
  const codes = results.map(({ code }) => code);
  const worst = [EXIT.interrupted, EXIT.failed, EXIT.refused, EXIT.attention].find((code) => codes.includes(code));
  return worst ?? EXIT.done;
}

/**
 * What a command has come to.
 *
 * @param act as it was typed, e.g. `rekey`
 * @param more of the document
 */
export function outcomeOf(
  act: string,
  results: readonly Result[],
  { place }: Pick<Context, "place">,
  more = {},
): Outcome {
  return {
    code: codeOf(results),
    document: { act, results: results.map(({ code: _, ...rest }) => rest), ...more },
    print(out) {
      out.table(
        [{ title: "SUBJECT" }, { title: "OUTCOME" }, { title: "WHAT THAT MEANS" }],
        results.map(({ subject, said, ...rest }) => [subject, outcomeCell(rest), said]),
      );
      printExecutions(results, out, place.kind === "aws");
    },
  };
}

function outcomeCell({ outcome, code }: Pick<Result, "outcome" | "code">): Cell {
  return { text: outcome, style: code === EXIT.done ? "green" : code === EXIT.failed ? "red" : "yellow" };
}

/** With which codes they have failed, or go on. */
const SHOWN: readonly ExitCode[] = [EXIT.failed, EXIT.interrupted];
/** How many are shown with their execution: who has more of them looks at the fleet. */
const MOST_SHOWN = 5;

/** Where to look at what has failed, or goes on. On this computer there is no console. */
function printExecutions(results: readonly Result[], out: Output, hasConsole: boolean): void {
  const shown = results.filter(({ code, outcome }) => SHOWN.includes(code) || outcome === "STARTED");
  for (const { execution } of shown.slice(0, MOST_SHOWN)) {
    if (execution === undefined) continue;
    out.line(`Execution  ${execution}`);
    if (hasConsole) out.line(`           ${consoleLink(execution)}`);
  }
}
