import { type Finding, FLEET } from "../functions/findings/finding.ts";
import { isStorm } from "../functions/findings/storm.ts";

/** A finding, and of a storm those of its cause. */
export interface Row {
  finding: Finding;
  members: readonly Finding[];
}

/** What stands, the oldest first, each storm as one: those of its cause stand behind it. */
export function foldStorms(standing: readonly Finding[]): Row[] {
  const storms = new Set(standing.filter(isStorm).map(({ cause }) => cause));
  const rows = standing
    .filter(({ subject, cause }) => subject === FLEET || !storms.has(cause))
    .map((finding): Row => {
      const isOne = isStorm(finding);
      return {
        finding,
        members: isOne ? standing.filter(({ subject, cause }) => subject !== FLEET && cause === finding.cause) : [],
      };
    });
  return rows.sort((one, other) => one.finding.since - other.finding.since);
}
