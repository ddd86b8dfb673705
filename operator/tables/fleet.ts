import type { Finding } from "../../functions/findings/finding.ts";
import { isAgentTooOld } from "../../protocol/versions.ts";
import { countsOf, isOverdue, isUnsound, type Looked, needsAttention, wordsOf } from "../looked.ts";
import { counted, number } from "../output/count.ts";
import type { Cell, Column } from "../output/output.ts";
import { ago, span } from "../output/time.ts";

const COLUMNS: Column[] = [
  { title: "ID" },
  { title: "HOST", spare: true },
  { title: "STATUS" },
  { title: "VERDICT" },
  { title: "KEY", align: "right", spare: true },
  { title: "AGE", align: "right" },
  { title: "DUE", align: "right", spare: true },
  { title: "LAST PROOF", align: "right", spare: true },
  { title: "AGENT", spare: true },
  { title: "WHAT STANDS", runsOver: true },
];

/** A row an instance: what is worth a glance. */
export function fleetTable(all: readonly Looked[], now: number): { columns: Column[]; rows: Cell[][] } {
  return { columns: COLUMNS, rows: all.map((looked) => rowOf(looked, now)) };
}

function rowOf(looked: Looked, now: number): Cell[] {
  const { instance } = looked;
  const { id, ec2InstanceId, status = "-", verdict = "-", generation, keySince, dueAt, lastProofAt } = instance;
  const isLive = status !== "RETIRED";
  const words = wordsOf(looked, now).join(", ");
  return [
    id,
    ec2InstanceId,
    status,
    styled(verdict, isUnsound(instance) ? "red" : verdict === "MATCH" && status === "ACTIVE" ? "green" : undefined),
    generation === undefined ? "-" : String(generation),
    keySince === undefined ? "-" : span(now - keySince),
    styled(isLive ? ago(dueAt, now) : "-", isOverdue(instance, now) ? "yellow" : undefined),
    ago(lastProofAt, now),
    styled(
      isLive ? (instance.agentVersion ?? "-") : "-",
      isLive && isAgentTooOld(instance.agentVersion) ? "yellow" : undefined,
    ),
    styled(words, needsAttention(looked) ? "red" : "yellow"),
  ];
}

function styled(text: string, style: "red" | "yellow" | "green" | undefined): Cell {
  return style === undefined || text === "" ? text : { text, style };
}

/**
 * What is said below the table: what stands about no instance, and how many there are of what.
 *
 * @param of how many instances there are of which these were chosen
 * @param isAll whether none were left out
 */
export function fleetLines({
  shown,
  beside,
  of,
  isAll,
}: {
  shown: readonly Looked[];
  beside: readonly Finding[];
  of: number;
  isAll: boolean;
}): string[] {
  const attention = shown.filter(needsAttention).length;
  const counts = countsOf(shown).map(([word, count]) => `${number(count)} ${word}`);
  const all = `${counted(shown.length, "instance")}${isAll ? "" : ` of ${number(of)}`}`;
  const toLookAt = attention === 0 ? "" : `; ${number(attention)} to look at`;
  return [
    ...(beside.length === 0 ? [] : [besideLine(beside)]),
    `${all}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}${toLookAt}.${attention + beside.length === 0 ? "" : " What to do: keyturn findings"}`,
  ];
}

const MOST_NAMED = 5;

function besideLine(beside: readonly Finding[]): string {
  const named = beside.slice(0, MOST_NAMED).map(({ cause, subject }) => `${cause} (${subject})`);
  const rest = beside.length - named.length;
  return `Beside them stand: ${named.join(", ")}${rest === 0 ? "" : `, and ${number(rest)} more`}.`;
}
