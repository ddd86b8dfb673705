import type { StandingRow } from "../wire/live.ts";
import { partsOf } from "./parts/links.ts";

const MOST_NAMED = 3;

/**
 * What has come to stand and what is over since, in a sentence for whoever listens to the page; empty where neither is.
 *
 * @param before what stood when it was said last
 */
export function newsOf(before: readonly StandingRow[], after: readonly StandingRow[]): string {
  const come = without(after, before);
  const gone = without(before, after);
  return [come.length > 0 && `New: ${listed(come)}.`, gone.length > 0 && `Over: ${listed(gone)}.`]
    .filter(Boolean)
    .join(" ");
}

/** By what a finding is the same one. */
export function keyOf({ subject, cause }: Pick<StandingRow, "subject" | "cause">): string {
  return `${cause} ${subject}`;
}

function without(rows: readonly StandingRow[], others: readonly StandingRow[]): StandingRow[] {
  const known = new Set(others.map(keyOf));
  return rows.filter((row) => !known.has(keyOf(row)));
}

function listed(rows: readonly StandingRow[]): string {
  const named = rows.slice(0, MOST_NAMED).map(({ cause, named: on }) => `${cause} on ${on}`);
  const rest = rows.length - named.length;
  return `${named.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}`;
}

/**
 * What the page is called in the browser's list of tabs: how many findings stand, the view, and what it is about.
 *
 * @param title of the view; its name, where it has none
 * @param standing undefined where that is not known: a tab in the background must not look calm while it reads nothing
 */
export function pageTitle(title: string, about: string, standing: number | undefined): string {
  const count = standing === 0 ? "" : `(${standing ?? "?"}) `;
  // Of an execution's ARN, the name is enough.
  const of = partsOf(about).name || about;
  return `${count}${title.charAt(0).toUpperCase()}${title.slice(1)}${of === "" ? "" : ` ${of}`} – Keyturn`;
}
