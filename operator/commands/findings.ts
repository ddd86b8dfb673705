import { type Finding, stands } from "../../functions/findings/finding.ts";
import { demandCause } from "../causes.ts";
import type { Run } from "../context.ts";
import { EXIT } from "../exits.ts";
import { foldStorms, type Row } from "../findings-folded.ts";
import { counted } from "../output/count.ts";
import { ago } from "../output/time.ts";
import { listOpenFindings } from "../reads/findings.ts";
import { findingColumns, findingRow } from "../tables/findings.ts";
import { toldOf } from "../what-to-type.ts";

interface Options {
  cause?: string;
  ended?: true;
  check?: true;
}

export const run: Run<Options> = async ({ options: { cause, ended, check } }, context) => {
  const all = await listOpenFindings(context);
  const now = context.now();
  const standing = all.filter(stands);
  if (cause !== undefined)
    demandCause(
      cause,
      all.map((one) => one.cause),
    );
  const isMeant = (one: Finding) => cause === undefined || one.cause === cause;
  const rows = foldStorms(standing.filter(isMeant));
  const over = ended ? all.filter((one) => !stands(one) && isMeant(one)) : [];
  return {
    code: check && rows.length > 0 ? EXIT.attention : EXIT.done,
    document: {
      readAt: now,
      findings: rows.map(documentOf),
      ...(ended && { ended: over.map((finding) => documentOf({ finding, members: [] })) }),
    },
    print(out) {
      const isAnyOver = over.length > 0;
      out.table(
        findingColumns(isAnyOver),
        [...rows, ...over.map((finding): Row => ({ finding, members: [] }))].map((row) =>
          findingRow(row, now, isAnyOver),
        ),
      );
      out.line(summaryOf(rows, cause, now));
    },
  };
};

function summaryOf(rows: readonly Row[], cause: string | undefined, now: number): string {
  const [oldest] = rows;
  if (oldest === undefined) return cause === undefined ? "Nothing stands." : `Nothing stands with the cause ${cause}.`;
  const of = cause === undefined ? "" : ` with the cause ${cause}`;
  const verb = rows.length === 1 ? "stands" : "stand";
  return `${counted(rows.length, "finding")} ${verb}${of}, the oldest since ${ago(oldest.finding.since, now)}. More about one: keyturn show SUBJECT`;
}

function documentOf({ finding, members }: Row): object {
  const { subject, cause, since, seenAt, times, toldAt, endedAt, ofStorm, execution, facts } = finding;
  return {
    ...{ subject, cause, since, seenAt, times, mailedAt: toldAt, endedAt, ofStorm, execution, facts },
    ...toldOf(members[0] ?? finding, members.length > 0),
    ...(members.length > 0 && {
      members: members.map(({ subject: of, since: from }) => ({ subject: of, since: from })),
    }),
  };
}
