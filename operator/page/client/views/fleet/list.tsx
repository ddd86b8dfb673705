import type { InstanceRow } from "../../../wire/live.ts";
import { Table } from "../../parts/table.tsx";
import { Badge, When } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { wordOf } from "./words.ts";

/** So many are shown: who looks for another one, filters. */
const MOST = 50;

/** The worst of many. */
export function WorstFirst({ rows }: { rows: readonly InstanceRow[] }) {
  const rest = rows.length - MOST;
  return (
    <>
      <Table
        label="Instances, the worst first"
        columns={[
          { title: "Instance" },
          { title: "What is said of it" },
          { title: "Status", isSpare: true },
          { title: "Key", isNumber: true, isSpare: true },
          { title: "Turned" },
          { title: "Last proof", isSpare: true },
          { title: "Host", isSpare: true },
        ]}
        rows={rows.slice(0, MOST).map((row) => ({ key: row.id, isBad: row.tone === "bad", cells: cellsOf(row) }))}
      />
      {rest > 0 && (
        <p>
          and {rest.toLocaleString("en")} more, none of them worse. To find one of them, type its ID, its host or a word
          above.
        </p>
      )}
    </>
  );
}

function cellsOf(row: InstanceRow) {
  const { id, status, generation, keySince, lastProofAt, ec2InstanceId, tone, words } = row;
  return [
    <a class="id" href={to("instance", id)}>
      {id}
    </a>,
    <span class="labels">
      {(words.length === 0 ? [wordOf(row)] : words).map((word) => (
        <Badge key={word} tone={tone}>
          {word}
        </Badge>
      ))}
    </span>,
    status,
    generation ?? "–",
    <When at={keySince} />,
    <When at={lastProofAt} />,
    <span class="id">{ec2InstanceId}</span>,
  ];
}
