import type { AuditDocument, AuditFaultRow, AuditLineRow } from "../../../wire/audit.ts";
import { NamedExecution, SubjectLink } from "../../parts/link.tsx";
import { More } from "../../parts/more.tsx";
import { Runbook } from "../../parts/runbook.tsx";
import { Table } from "../../parts/table.tsx";
import { Badge, Labelled, When } from "../../parts/text.tsx";
import { utc } from "../../time.ts";
import { faultyLines, saidOf, sealedSaid } from "./say.ts";

/** So many lines at first: the newest say what one comes for. */
const FIRST = 100;

/** What a check has come to, and below it the lines. */
export function Checked({ audit }: { audit: AuditDocument }) {
  const { subject, lines, readAt, sealed, seals, known, faults } = audit;
  const { tone, headline, more } = saidOf(audit);
  return (
    <>
      <section class={`banner audit-verdict ${tone}`} role={tone === "bad" ? "alert" : "status"}>
        <p class="headline">{headline}</p>
        {more.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </section>
      {faults.length > 0 && <Faults faults={faults} />}
      <section class="card">
        <Labelled
          lines={[
            ["Subject", <SubjectLink key={subject} subject={subject} />],
            ["Lines", lines.length === 0 ? "none is left" : `${lines.length}, the newest first`],
            ["Sealed", sealedSaid(audit)],
            ["Last seal", sealed === undefined ? "none yet" : <Seal key="seal" {...sealed} />],
            [
              "Checked",
              <span key="checked">
                <When at={readAt} />, against {seals === 0 ? "no seal" : seals === 1 ? "1 seal" : `${seals} seals`} and{" "}
                {known === 0 ? "no digest" : known === 1 ? "1 digest" : `${known} digests`} from outside
              </span>,
            ],
          ]}
        />
      </section>
      {lines.length > 0 && <Lines audit={audit} />}
    </>
  );
}

function Seal({ day, digest }: { day: string; digest: string }) {
  return (
    <>
      of {day}, digest <code>{digest}</code>
    </>
  );
}

function Faults({ faults }: { faults: readonly AuditFaultRow[] }) {
  return (
    <section class="card audit-faults">
      <h2>What was found</h2>
      <ul>
        {faults.map(({ what, says, means }) => (
          <li key={what + says}>
            <Badge tone="bad">{what}</Badge>
            <p>{says}</p>
            <p class="faint">It means: {means}.</p>
          </li>
        ))}
      </ul>
      <Runbook section="Audit" />
    </section>
  );
}

const COLUMNS = [
  { title: "Line", isNumber: true },
  { title: "When" },
  { title: "Act" },
  { title: "What came of it" },
  { title: "Who asked", isSpare: true },
  { title: "Execution" },
];

function Lines({ audit }: { audit: AuditDocument }) {
  const faulty = faultyLines(audit);
  return (
    <section class="audit-lines">
      <h2>Lines</h2>
      <More rows={audit.lines} first={FIRST} isKept={({ n }) => faulty.has(n)} what="older ones">
        {(shown) => (
          <Table
            label={`Audit lines of ${audit.subject}`}
            columns={COLUMNS}
            rows={shown.map((line, at) => ({
              // Of lines that somebody has altered, two may have one number.
              key: `${line.n} ${at}`,
              isBad: faulty.has(line.n),
              cells: cellsOf(line, faulty.has(line.n)),
            }))}
          />
        )}
      </More>
    </section>
  );
}

function cellsOf({ n, at, act, says, asked, execution, arn }: AuditLineRow, isFaulty: boolean) {
  return [
    n,
    at === undefined ? "no moment" : <time dateTime={new Date(at).toISOString()}>{utc(at)}</time>,
    isFaulty ? (
      <>
        {act} <Badge tone="bad">fault</Badge>
      </>
    ) : (
      act
    ),
    <span class="broken">{says}</span>,
    <span class="broken">{asked ?? "–"}</span>,
    <NamedExecution name={execution} arn={arn} />,
  ];
}
