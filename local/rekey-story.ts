import { executionEnded as executionStatusChanged } from "../events/index.ts";
import { flowArn } from "./roles.ts";

/** What came of a rekey of many. */
interface Counts {
  meant: number;
  rekeyed: number;
  waiting: number;
  skipped: number;
  failed: number;
}

/** Why nothing was done, or not yet. */
const REASONS: Record<string, string> = {
  WAITING: "its host is off, and it is rekeyed when that is back",
  NEW: "it has just registered, or waits beside a former ID",
  QUARANTINED: "it is in quarantine",
  RETIRED: "it is retired",
  REKEYING: "another rekey has taken its place",
};

/**
 * One sentence for what an execution of the flow `operate` tells of a rekey: that it was asked for, and how it ended. That the
 * key was agreed, and proved, events of their own tell.
 *
 * @param detail of any event on any bus
 */
export function rekeySentences(detailType: string, detail: Record<string, unknown>): string[] {
  if (detailType !== executionStatusChanged.detailType || detail.stateMachineArn !== flowArn("operate")) return [];
  const { status, error, cause } = detail as Record<string, string | undefined>;
  const { act, id } = read(detail.input);
  if (act !== "rekey") return [];
  const who = typeof id === "string" ? id : "REKEY   of many";
  if (status === "RUNNING") {
    return [id === undefined ? `${who} is asked for.` : `${who}  is to be rekeyed: an execution of operate has begun.`];
  }
  if (status !== "SUCCEEDED")
    return [
      `${who}  ${id === undefined ? "was stopped" : "was not rekeyed"}: ${error?.replace(/^Keyturn\./, "") ?? status}. ${cause ?? ""}`.trimEnd(),
    ];
  const output = read(detail.output);
  if (id === undefined) return [countSentence(output as unknown as Counts)];
  const { outcome } = output;
  if (outcome === "REKEYED") return [];
  return [`${who}  is not rekeyed: ${outcome}, ${REASONS[String(outcome)] ?? "see the execution"}.`];
}

function countSentence({ meant, rekeyed, waiting, skipped, failed }: Counts): string {
  return `REKEY   ${meant} were meant: ${rekeyed} rekeyed, ${waiting} wait for their hosts, ${skipped} left alone, ${failed} failed.`;
}

/** A JSON text that an execution was given by a person, who may have typed anything; nothing where that is no object. */
function read(text: unknown): Record<string, unknown> {
  const value: unknown = JSON.parse(typeof text === "string" ? text : "{}");
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
