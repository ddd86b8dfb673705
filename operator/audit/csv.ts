import { stringify } from "csv-stringify/sync";
import { printable } from "../../functions/shared/printable.ts";
import type { Row } from "./row.ts";

/** The columns of a report as a file, each with what stands in it. */
const COLUMNS: readonly (readonly [title: string, of: (row: Row) => string | number | undefined])[] = [
  ["subject", ({ subject }) => subject],
  ["kind", ({ kind }) => kind],
  ["ec2_instance_id", ({ ec2InstanceId }) => ec2InstanceId],
  ["state_now", ({ state }) => state],
  ["turns", ({ turns }) => turns],
  ["failures", ({ failures }) => failures],
  ["other_acts", ({ others }) => actsOf(others)],
  ["last_act", ({ last }) => last?.act],
  ["last_at", ({ last }) => last && new Date(last.at).toISOString()],
  ["turned_to", ({ last }) => last?.turnedTo],
  ["requested_by", ({ last }) => last?.requestedBy],
  ["trigger", ({ last }) => last?.trigger],
  ["run", ({ last }) => last?.run],
  ["verdict", ({ last }) => last?.verdict],
  ["proof_digest", ({ last }) => last?.receiptDigest],
  ["execution", ({ last }) => last?.execution],
];

/** Rows as CSV with a head, in which no program that opens it sees a formula, whatever somebody has claimed. */
export function csvOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => COLUMNS.map(([, of]) => cell(of(row))));
  return stringify([COLUMNS.map(([title]) => title), ...cells], { escape_formulas: true });
}

function cell(value: string | number | undefined): string | number {
  return typeof value === "string" ? printable(value) : (value ?? "");
}

/** Acts with how often, e.g. `quarantined 1, released 1`. */
export function actsOf(others: Record<string, number>): string {
  return Object.entries(others)
    .map(([act, count]) => `${act} ${count}`)
    .join(", ");
}
