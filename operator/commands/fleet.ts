import { setTimeout as pause } from "node:timers/promises";
import { utc } from "../../functions/telling/time.ts";
import { demandCause } from "../causes.ts";
import type { Context, Outcome, Run } from "../context.ts";
import { EXIT, misused, refused } from "../exits.ts";
import { type Looked, needsAttention, worstFirst } from "../looked.ts";
import { counted } from "../output/count.ts";
import { readFleet } from "../reads/fleet.ts";
import { fleetLines, fleetTable } from "../tables/fleet.ts";
import { meansRetired, meetsAll, type Test } from "../where.ts";

interface Options {
  where?: Test[];
  all?: true;
  check?: true;
  watch?: number | true;
}

const WATCH_MS = 5000;

export const run: Run<Options> = async ({ options }, context) => {
  const { watch, check } = options;
  if (watch === undefined) return look(options, context);
  if (context.out.json)
    throw misused("--watch prints again and again, and --json one document: leave one of them out.");
  if (check) throw misused("--watch goes on until Ctrl-C, and --check exits: leave one of them out.");
  for (;;) {
    const { print } = await look(options, context);
    context.out.clear();
    print(context.out);
    await pause(watch === true ? WATCH_MS : watch, undefined, { signal: context.stopped });
    if (!context.out.isTerminal) context.out.line();
  }
};

/** One look at all of them. What is read is as it was a moment ago. */
async function look({ where = [], all, check, watch }: Options, context: Context): Promise<Outcome> {
  const { looked, others } = await readFleet(context);
  const now = context.now();
  const causes = [...looked.flatMap(({ findings }) => findings), ...others].map(({ cause }) => cause);
  for (const { field, value } of where) if (field === "cause") demandCause(value, causes);

  const isMeant = all || meansRetired(where) ? () => true : ({ instance }: Looked) => instance.status !== "RETIRED";
  const meant = looked.filter(isMeant);
  const shown = worstFirst(where.length === 0 ? meant : meant.filter((one) => meetsAll(where, one, now)), now);
  // A watch goes on: what it waits for may come.
  if (shown.length === 0 && where.length > 0 && watch === undefined) {
    throw refused(
      `Nothing matched: of ${counted(meant.length, "instance")}, none meets ${where.map(textOf).join(" and ")}.`,
    );
  }
  // Of what is not about the instances that were asked for, nobody has asked.
  const beside = where.length === 0 ? others : [];
  const isAttention = shown.some(needsAttention) || beside.length > 0;
  return {
    code: check && isAttention ? EXIT.attention : EXIT.done,
    document: documentOf(shown, beside, now),
    print(out) {
      const lines = fleetLines({ shown, beside, of: meant.length, isAll: where.length === 0 });
      const { columns, rows } = fleetTable(shown, now);
      // Of what does not fit the screen, a watch would show the least bad.
      const most = watch === undefined ? undefined : out.rows && Math.max(1, out.rows - lines.length - 6);
      out.table(columns, rows.slice(0, most));
      if (most !== undefined && rows.length > most)
        out.line(`and ${counted(rows.length - most, "more", "more")}, none of them worse`);
      for (const line of lines) out.line(line);
      if (watch !== undefined) out.line(`Read at ${utc(now)}.`);
    },
  };
}

function textOf({ field, operator, value }: Test): string {
  return `${field}${operator}${value}`;
}

function documentOf(shown: readonly Looked[], beside: Looked["findings"], now: number): object {
  const findingOf = ({ subject, cause, since }: Looked["findings"][number]) => ({ subject, cause, since });
  const instances = shown.map((looked) => ({
    ...looked.instance,
    needsAttention: needsAttention(looked),
    findings: looked.findings.map(findingOf),
  }));
  return { readAt: now, instances, otherFindings: beside.map(findingOf) };
}
