import type { ExpectationRow, RunRow } from "../../../wire/plays.ts";
import { clock, span } from "../../time.ts";

/** How it stands with something that is to happen. */
export type Progress = "done" | "waits" | "late" | "yours" | "later";

export function progressOf({ metAt, by, isDue }: ExpectationRow, now: number): Progress {
  if (metAt !== undefined) return "done";
  if (!isDue) return "later";
  if (by === undefined) return "yours";
  return now > by ? "late" : "waits";
}

/** The same in words, which stand beside the sign of it. */
export function wordsOf(row: ExpectationRow, now: number): string {
  const { metAt, by } = row;
  switch (progressOf(row, now)) {
    case "done":
      return `done at ${clock(metAt ?? 0)} UTC`;
    case "later":
      return "after that";
    case "yours":
      return "yours to do";
    case "late":
      return `not yet: it was to come by ${clock(by ?? 0)} UTC`;
    case "waits":
      return `within ${span(Math.max(1000, (by ?? 0) - now))}`;
  }
}

/** How a run stands, in a few words, and how that is to be looked upon. */
export function stateOf(
  { failed, expectations }: RunRow,
  now: number,
): { words: string; tone: "good" | "bad" | "warn" } {
  if (failed !== undefined) return { words: "broke off", tone: "bad" };
  const all = expectations.map((one) => progressOf(one, now));
  if (all.every((one) => one === "done")) return { words: "over", tone: "good" };
  if (all.includes("late")) return { words: "something did not come in time", tone: "bad" };
  if (all.includes("waits")) return { words: "under way", tone: "warn" };
  return { words: "your turn", tone: "warn" };
}
