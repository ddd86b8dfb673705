import type { ExecutionRow } from "../../../wire/executions.ts";
import { credentials, instances, now } from "../../live.ts";
import { Table } from "../../parts/table.tsx";
import { Badge, When } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { STATUS, took } from "./words.ts";

const COLUMNS = [
  { title: "Status" },
  { title: "Execution" },
  { title: "About", isSpare: true },
  { title: "Started" },
  { title: "Took", isNumber: true, isSpare: true },
];

/** Executions, in a table. */
export function Executions({ label, rows }: { label: string; rows: readonly ExecutionRow[] }) {
  return (
    <div class="execution-list">
      <Table
        label={label}
        columns={COLUMNS}
        rows={rows.map((row) => ({
          key: row.arn,
          isBad: STATUS[row.status].tone === "bad",
          cells: [
            <Badge key="status" tone={STATUS[row.status].tone}>
              {STATUS[row.status].word}
            </Badge>,
            <a key="name" href={to("execution", row.arn)}>
              {row.flow} <span class="id">{row.name}</span>
            </a>,
            <About key="about" about={row.about} />,
            <When key="started" at={row.startedAt} />,
            took((row.stoppedAt ?? now.value) - row.startedAt),
          ],
        }))}
      />
    </div>
  );
}

/** Whom it is about, as a link where it is known here: an instance by its ID, a secret by what its name has become in another. */
function About({ about }: { about: string | undefined }) {
  if (about === undefined) return <span class="faint">–</span>;
  if (instances.value.has(about)) {
    return (
      <a class="id" href={to("instance", about)}>
        {about}
      </a>
    );
  }
  const secret = credentials.value.find(({ name }) => name.replace(/[^\w-]/g, "-") === about);
  return secret === undefined ? (
    <span class="id">{about}</span>
  ) : (
    <a href={to("credentials", secret.name)}>{secret.name}</a>
  );
}
