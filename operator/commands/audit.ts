import type { KnownSeal } from "../../protocol/index.ts";
import { checkSubject } from "../audit/check-subject.ts";
import { askedAtAGlance, askedOf, detailsOf, outcomeOf, whenOf } from "../audit/details.ts";
import { exitOf, printVerdict } from "../audit/verdict.ts";
import type { Run } from "../context.ts";
import { counted } from "../output/count.ts";
import type { Column } from "../output/output.ts";

export const run: Run<{ seal?: KnownSeal[] }> = async ({ arguments: [subject = ""], options }, context) => {
  const { seal: known = [] } = options;
  const { lines, sealedTo, verdict } = await checkSubject(subject, known, context);
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
