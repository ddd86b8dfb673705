import { MOST_NAMED } from "../../functions/shared/meant.ts";
import { type Execution, waitFor } from "../acts/follow.ts";
import { handOf } from "../acts/hand.ts";
import { demandIds } from "../acts/meant.ts";
import { outcomeOf, resultOf } from "../acts/results.ts";
import { executionNameFor, start } from "../acts/start.ts";
import { meaningOf, type Verdict } from "../acts/verdicts.ts";
import type { Outcome, Run } from "../context.ts";
import { EXIT, type ExitCode, misused } from "../exits.ts";
import type { Cell } from "../output/output.ts";

interface Options {
  all?: true;
}

export const run: Run<Options> = async ({ arguments: typed, options }, context) => {
  const ids = demandIds(typed);
  if (ids.length > 0 === (options.all === true))
    throw misused("Who is to be checked? Name IDs, or --all: one of these.");
  if (ids.length > MOST_NAMED) throw misused(`At most ${MOST_NAMED} IDs are checked at once; --all takes everybody.`);
  const hand = await handOf(context);
  const name = executionNameFor("check", context.now());
  const check = options.all ? { all: true } : { ids };
  const end = await waitFor(await start({ flow: "watch", name, input: { check } }, hand), hand);
  if (end.status === "SUCCEEDED") return verdictsOf(end);
  return outcomeOf("check", [resultOf(name, end, {}, "`keyturn fleet` shows what was found.")], context);
};

/** What a check has found: of those who were named each, of all those with whom something is wrong. */
function verdictsOf({ arn: execution, output }: Execution): Outcome {
  const counts = Object.fromEntries(
    ["checked", "sound", "wrong", "other"].map((what) => [what, Number(output[what] ?? 0)] as const),
  );
  const found = verdictsIn(output.instances);
  return {
    code: codeOf(counts.wrong ?? 0, counts.checked ?? 0, found),
    document: { act: "check", execution, ...counts, instances: found },
    print(out) {
      out.table(
        [{ title: "ID" }, { title: "VERDICT" }, { title: "WHAT THAT MEANS" }],
        found.map(({ id, verdict }) => [id, verdictCell(verdict), meaningOf(verdict).said]),
      );
      const { checked, sound, wrong, other } = counts;
      out.line(`${checked} checked: ${sound} sound, ${wrong} wrong, ${other} not judged.`);
      if (wrong) out.line("`keyturn show ID` shows more of one, and what to do.");
    },
  };
}

function verdictsIn(instances: unknown): Verdict[] {
  if (!Array.isArray(instances)) return [];
  return instances.map(({ id, verdict }) => ({ id: String(id), verdict: String(verdict) }));
}

function codeOf(wrong: number, checked: number, found: readonly Verdict[]): ExitCode {
  if (wrong > 0) return EXIT.attention;
  return checked === 0 || found.some(({ verdict }) => verdict === "UNKNOWN") ? EXIT.refused : EXIT.done;
}

function verdictCell(verdict: string): Cell {
  const { is } = meaningOf(verdict);
  return { text: verdict, style: is === "sound" ? "green" : is === "wrong" ? "red" : "yellow" };
}
