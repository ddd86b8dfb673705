import type { LifeDocument, LifeEntry } from "../../../wire/life.ts";
import { NamedExecution } from "../../parts/link.tsx";
import { More } from "../../parts/more.tsx";
import { Table } from "../../parts/table.tsx";
import { Badge, Empty, When } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { utc } from "../../time.ts";
import { toneOf } from "./marks.ts";

const AT_FIRST = 40;
const COLUMNS = [
  { title: "When" },
  { title: "What" },
  { title: "In short" },
  { title: "Who asked", isSpare: true },
  { title: "Execution" },
];

/** All that happened, the newest first: what is on the axis, to be read. */
export function Happenings({ document: { subject, life, earlierLines } }: { document: LifeDocument }) {
  return (
    <section class="happened">
      <h2>What happened</h2>
      {life.length === 0 ? (
        <Empty>Nothing yet: what is done to it, and what is found, will stand here.</Empty>
      ) : (
        <More rows={life.toReversed()} first={AT_FIRST} what="older ones">
          {(shown) => <Table label="What happened, the newest first" columns={COLUMNS} rows={shown.map(rowOf)} />}
        </More>
      )}
      {earlierLines > 0 && (
        <p class="show-more">
          {earlierLines} audit {earlierLines === 1 ? "line" : "lines"} before these:{" "}
          <a href={to("audit", subject)}>all of them</a>.
        </p>
      )}
    </section>
  );
}

function rowOf({ at, what, says, asked, askedAtAGlance, execution, executionArn }: LifeEntry, index: number) {
  return {
    key: `${at} ${what} ${execution ?? says} ${index}`,
    isBad: toneOf(what) === "bad",
    cells: [
      <span key="at" class="moment">
        {utc(at).replace(/ UTC$/, "\u00a0UTC")}{" "}
        <span class="faint">
          <When at={at} />
        </span>
      </span>,
      <Badge key="what" tone={toneOf(what)}>
        {what}
      </Badge>,
      <span key="says" class="says">
        {says}
      </span>,
      <span key="asked" title={asked}>
        {askedAtAGlance ?? "–"}
      </span>,
      <NamedExecution key="execution" name={execution} arn={executionArn} />,
    ],
  };
}
