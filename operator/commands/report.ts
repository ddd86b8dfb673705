import { dayBefore, dayOf } from "../../functions/audit/days.ts";
import { utc } from "../../functions/telling/time.ts";
import { type AuditFault, type CheckedSeals, chainFaults, type KnownSeal } from "../../protocol/index.ts";
import { actsOf, csvOf } from "../audit/csv.ts";
import { askedAtAGlance, askedOf } from "../audit/details.ts";
import { inOrder, type Past, pastOf, type Row, rowOf, type Sums, sumsOf, type Time } from "../audit/row.ts";
import { exitOf, sentencesOf, verdictOf } from "../audit/verdict.ts";
import type { Context, Run } from "../context.ts";
import { misused } from "../exits.ts";
import { counted, number } from "../output/count.ts";
import type { Column, Output } from "../output/output.ts";
import { type Chain, readChains, readSeals } from "../reads/audit.ts";
import { readStandings } from "../reads/standing.ts";

interface Options {
  from?: string;
  to?: string;
  csv?: boolean;
  seal?: KnownSeal[];
}

const DAYS = 30;

export const run: Run<Options> = async ({ options }, context) => {
  const { csv = false, seal: known = [], to = dayOf(context.now()) } = options;
  const { from = dayBefore(to, DAYS - 1) } = options;
  if (csv && context.out.json) throw misused("Either --csv or --json, not both.");
  if (from > to) throw misused(`The first day, ${from}, comes after the last one, ${to}.`);
  const time = { from: Date.parse(from), to: Date.parse(dayBefore(to, -1)) - 1 };
  // The seals first: a line that is put and sealed meanwhile is not missing. The records last: whoever has lines has one.
  const seals = await readSeals(context);
  const { past, faults } = await readAll(context, seals, time);
  const standings = await readStandings(context);
  const silent = [...standings.keys()].filter((subject) => !past.has(subject));
  const all = [...past.values(), ...silent.map((subject) => pastOf({ subject, lines: [] }, time))];
  const rows = inOrder(all.flatMap((one) => rowOf(one, standings.get(one.subject), time) ?? []));
  const verdict = verdictOf([...seals.faults(known), ...faults], seals, known);
  const sums = sumsOf(rows);
  const said = [`${from} to ${to}, days in UTC: ${sumsSaid(sums)}`, ...sentencesOf(verdict, context.now())];
  return {
    code: exitOf(verdict),
    document: { from, to, rows, sums, ...verdict },
    print(out) {
      if (csv) {
        out.raw(csvOf(rows));
        for (const sentence of said) out.note(sentence);
        return;
      }
      printRows(rows, out);
      out.line();
      for (const sentence of said) out.line(sentence);
    },
  };
};

/** Reads all lines, and of each subject keeps what they say and what is wrong with them. */
async function readAll(
  context: Context,
  seals: CheckedSeals,
  time: Time,
): Promise<{ past: Map<string, Past>; faults: AuditFault[] }> {
  const past = new Map<string, Past>();
  const faults = new Map<string, AuditFault[]>();
  const check = ({ subject, lines }: Chain) => {
    const found = chainFaults({ subject, lines, sealed: seals.heads.get(subject) ?? [] });
    if (found.length > 0) faults.set(subject, found);
    else faults.delete(subject);
  };
  for await (const chain of readChains(context)) {
    check(chain);
    past.set(chain.subject, pastOf(chain, time));
  }
  for (const subject of seals.heads.keys()) if (!past.has(subject)) check({ subject, lines: [] });
  return { past, faults: [...faults.keys()].sort().flatMap((subject) => faults.get(subject) ?? []) };
}

const COLUMNS: readonly Column[] = [
  ...[{ title: "SUBJECT" }, { title: "STATE NOW" }],
  ...[{ title: "TURNS", align: "right" } as const, { title: "FAILED", align: "right" } as const],
  ...[{ title: "OTHER ACTS", spare: true } as const, { title: "LAST TURN" }, { title: "WHO ASKED" }],
  ...[{ title: "VERDICT" }, { title: "PROOF", spare: true } as const, { title: "EXECUTION", spare: true } as const],
];
/** So much of a digest tells it from others at a glance; CSV and JSON have the whole. */
const GLANCE = 12;

function printRows(rows: readonly Row[], out: Output): void {
  out.table(
    COLUMNS,
    rows.map(({ subject, state, turns, failures, others, last }) => [
      ...[subject, state, String(turns), String(failures), actsOf(others) || "-"],
      ...[last === undefined ? "never" : utc(last.at), askedAtAGlance(last && askedOf(last))],
      ...[last?.verdict ?? "-", last?.receiptDigest?.slice(0, GLANCE) ?? "-", last?.execution ?? "-"],
    ]),
  );
}

function sumsSaid({ subjects, turned, notTurned, turns, failures, others, lines }: Sums): string {
  const other = actsOf(others);
  return (
    `${counted(subjects, "subject")}, of them ${number(turned)} turned and ${number(notTurned)} not. ` +
    `${counted(turns, "turn")}, ${counted(failures, "failure")}${other && `, ${other}`}: together the ${counted(lines, "audit line")} of this time.`
  );
}
