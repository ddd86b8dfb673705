import { useState } from "preact/hooks";
import type { LifeDocument, LifeEntry } from "../../../wire/life.ts";
import { Table } from "../../parts/table.tsx";
import { Badge, Empty, When } from "../../parts/text.tsx";
import { to } from "../../route.ts";
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
  const [isAll, setAll] = useState(false);
  const newestFirst = life.toReversed();
  const shown = isAll ? newestFirst : newestFirst.slice(0, AT_FIRST);
  const more = life.length - shown.length;
  return (
    <section class="happened">
      <h2>What happened</h2>
      {life.length === 0 ? (
        <Empty>Nothing yet: what is done to it, and what is found, will stand here.</Empty>
      ) : (
        <Table label="What happened, the newest first" columns={COLUMNS} rows={shown.map(rowOf)} />
      )}
      {more > 0 && (
        <p class="more">
          <button type="button" onClick={() => setAll(true)}>
            Show {more} more
          </button>
        </p>
      )}
      {earlierLines > 0 && (
        <p class="more">
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
      <Execution key="execution" name={execution} arn={executionArn} />,
    ],
  };
}

/** Of a long name, so much of either end tells it from others. */
const GLANCE = 12;

/** An execution by its name, which leads to it where it is known of which flow it is. */
function Execution({ name = "", arn }: { name?: string | undefined; arn?: string | undefined }) {
  if (name === "") return <span class="faint">–</span>;
  const short = name.length > 2 * GLANCE + 1 ? `${name.slice(0, GLANCE)}…${name.slice(-GLANCE)}` : name;
  return arn === undefined ? (
    <span class="id" title={name}>
      {short}
    </span>
  ) : (
    <a class="id" href={to("execution", arn)} title={name}>
      {short}
    </a>
  );
}
