import { chainFaults, isEc2InstanceId, type KnownSeal } from "../../protocol/index.ts";
import { askedAtAGlance, askedOf, detailsOf, outcomeOf, whenOf } from "../audit/details.ts";
import { exitOf, printVerdict, verdictOf } from "../audit/verdict.ts";
import type { Run } from "../context.ts";
import { misused, refused } from "../exits.ts";
import { counted } from "../output/count.ts";
import type { Column } from "../output/output.ts";
import { readLines, readSeals } from "../reads/audit.ts";
import { subjectOf } from "../subject.ts";

export const run: Run<{ seal?: KnownSeal[] }> = async ({ arguments: [subject = ""], options }, context) => {
  const { seal: known = [] } = options;
  subjectOf(subject);
  if (isEc2InstanceId(subject)) {
    throw misused(`Lines stand under the instance's ID: \`keyturn show ${subject}\` says which it has.`);
  }
  // The seals first: a line that is put and sealed meanwhile is not missing.
  const seals = await readSeals(context, (one) => one === subject);
  const lines = await readLines(context, subject);
  const sealed = seals.heads.get(subject) ?? [];
  if (lines.length === 0 && sealed.length === 0) {
    throw refused(
      `There is no audit line of ${subject} ${context.place.said}: \`keyturn fleet --all\` and \`keyturn secrets\` list whom there may be lines of.`,
    );
  }
  const faults = [...seals.faults(known), ...chainFaults({ subject, lines, sealed })];
  const verdict = verdictOf(faults, seals, known);
  const sealedTo = Math.max(0, ...sealed.map(({ n }) => n));
  const said = lines.map((line) => ({ ...line, details: detailsOf(line) }));
  return {
    code: exitOf(verdict),
    document: { subject, lines: said, sealedTo, ...verdict },
    print(out) {
      out.table(
        COLUMNS,
        said.map(({ n, timeMs, act, details }) => [
          ...[
            String(n),
            whenOf(timeMs),
            act,
            outcomeOf(details),
            askedAtAGlance(askedOf(details)),
            details.execution ?? "-",
          ],
        ]),
      );
      out.line();
      const last = lines.at(-1)?.n ?? 0;
      out.line(`Of ${subject}: ${counted(lines.length, "line")}; ${sealedSaid(sealedTo, last)}`);
      printVerdict(verdict, context.now(), out);
    },
  };
};

const COLUMNS: readonly Column[] = [
  ...[{ title: "LINE", align: "right" } as const, { title: "WHEN" }, { title: "ACT" }, { title: "WHAT CAME OF IT" }],
  ...[{ title: "WHO ASKED" }, { title: "EXECUTION", spare: true } as const],
];

function sealedSaid(sealedTo: number, last: number): string {
  if (sealedTo === 0) return "none of them is sealed yet.";
  return sealedTo >= last ? "all of them are sealed." : `sealed up to line ${sealedTo}, and not above it yet.`;
}
