/** One line of the benchmark's table. */
export interface Measurement {
  what: string;
  /** The absolute figure, with its unit. */
  figure: string;
  /** What was measured beside it in the same run, and the ratio; empty where nothing is. */
  beside: string;
  aim: string;
  /** `undefined` for a figure that has no aim. */
  met?: boolean;
}

/** The measurements as a table in plain text, every column as wide as its widest cell. */
export function table(measurements: Measurement[]): string {
  const head = ["what", "figure", "beside it", "aim", "met"];
  const rows = measurements.map(({ what, figure, beside, aim, met }) => [what, figure, beside, aim, verdict(met)]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...rows].map((row) => line(row).trimEnd()).join("\n");
}

function verdict(met: boolean | undefined): string {
  if (met === undefined) return "";
  return met ? "yes" : "NO";
}

/** Whole numbers for what is large, one digit behind the point for what is small. */
export function rounded(value: number): string {
  return value >= 20 ? value.toFixed(0) : value.toFixed(value >= 2 ? 1 : 2);
}

/** How many times in a second something happens that took `ms` milliseconds for `count` times. */
export function perSecond(count: number, ms: number): number {
  return (count * 1000) / ms;
}
