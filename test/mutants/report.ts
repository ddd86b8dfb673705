import { MAY_LIVE, type Reason } from "./may-live.ts";
import { isAlive, type Result } from "./results.ts";

const ENDS = ["killed", "timed out", "survived", "no test", "refused"] as const;

/** What a run has shown. */
export interface Report {
  /** For people: figures by area, then every survivor. */
  text: string;
  /** Whether nothing survived that may not, and nothing is listed that is killed. */
  isGood: boolean;
}

/**
 * @param results how each tried mutant ended
 * @param whole the areas all of whose mutants were tried: of these, what is listed must have survived
 */
export function reportOf(results: Result[], whole: string[]): Report {
  const alive = results.filter(isAlive);
  const unexpected = alive.filter((result) => reasonFor(result) === undefined);
  const gone = whole.flatMap((area) => (MAY_LIVE[area] ?? []).flatMap((reason) => killedOf(reason, alive)));
  const areas = [...new Set(results.map(({ area }) => area))];
  const rows = areas.map((area) => [area, ...figuresOf(results.filter((result) => result.area === area))]);
  const lines = [
    ...columns([
      ["area", "mutants", ...ENDS, "listed", "killed of all", "of those not listed"],
      ...rows,
      ["all", ...figuresOf(results)],
    ]),
    "",
    ...unexpected.map(({ place, name, end }) => `${end}: ${place} ${name}`),
    ...gone.map((name) => `Take this out of may-live.ts, it is seen now or is not there any more: ${name}`),
  ];
  return { text: `${lines.join("\n")}\n`, isGood: unexpected.length + gone.length === 0 };
}

function reasonFor({ area, name }: Result): Reason | undefined {
  return MAY_LIVE[area]?.find(({ mutants }) => mutants.some((one) => isOf(one, name)));
}

const isOf = (one: string | RegExp, name: string) => (typeof one === "string" ? one === name : one.test(name));

/** Of what a reason lists, what did not survive. */
function killedOf({ mutants }: Reason, alive: Result[]): string[] {
  return mutants.filter((one) => !alive.some(({ name }) => isOf(one, name))).map(String);
}

/** What the compiler and Step Functions refuse can never run, and counts for nothing. */
function figuresOf(results: Result[]): string[] {
  const counts = ENDS.map((end) => results.filter((result) => result.end === end).length);
  const [killed = 0, late = 0, survived = 0, untested = 0, refused = 0] = counts;
  const listed = results.filter((result) => isAlive(result) && reasonFor(result)).length;
  const all = killed + late + survived + untested;
  const share = (of: number) => (of === 0 ? "-" : `${((100 * (killed + late)) / of).toFixed(1)} %`);
  return [results.length - refused, ...counts, listed, share(all), share(all - listed)].map(String);
}

function columns(rows: string[][]): string[] {
  const [heads = []] = rows;
  const widths = heads.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join("  "),
  );
}
