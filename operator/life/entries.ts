import type { Finding } from "../../functions/findings/finding.ts";
import { executionName } from "../../functions/record/execution-name.ts";
import type { AuditLine } from "../../protocol/index.ts";
import { askedOf, detailsOf, outcomeOf } from "../audit/details.ts";
import type { Instance } from "../reads/instances.ts";
import type { Life } from "../reads/life.ts";
import { toldOf } from "../what-to-type.ts";

/** Something in a life: an act, what people were told, or the last check. */
export interface Entry {
  /** Milliseconds since 1970. */
  at: number;
  /** The act of an audit line, or `refused`, `found`, `mailed` and `ended` of a finding, or `proved` and `checked`. */
  what: string;
  /** In one line. */
  says: string;
  /** Who asked, as claimed, and by what. */
  asked?: string;
  /** The name of the execution. */
  execution?: string;
}

/** A section of the runbook, under which refusals of a host stand. */
const REFUSED = "Refused";

/** All that is known to have been, the oldest first. */
export function entriesOf({ lines, findings, instance }: Pick<Life, "lines" | "findings" | "instance">): Entry[] {
  return [...lines.map(ofLine), ...findings.flatMap(ofFinding), ...ofChecks(instance)].sort(
    (one, other) => one.at - other.at,
  );
}

function ofLine(line: AuditLine): Entry {
  const details = detailsOf(line);
  const { execution } = details;
  const asked = askedOf(details);
  return {
    ...{ at: line.timeMs, what: line.act, says: outcomeOf(details) },
    ...(asked !== undefined && { asked }),
    ...(execution !== undefined && { execution }),
  };
}

function ofFinding(finding: Finding): Entry[] {
  const { cause, since, toldAt, endedAt, execution, times } = finding;
  const { title, means, section } = toldOf(finding);
  const isRefusal = section === REFUSED;
  const name = { execution: executionName(execution) };
  const again = times > 1 ? `, found ${times} times` : "";
  return [
    {
      at: since,
      what: isRefusal ? "refused" : "found",
      says: `${cause}: ${isRefusal ? means : title}${again}`,
      ...name,
    },
    ...(toldAt === undefined ? [] : [{ at: toldAt, what: "mailed", says: cause }]),
    ...(endedAt === undefined ? [] : [{ at: endedAt, what: "ended", says: cause }]),
  ];
}

/** The last ones alone: of those before nothing is kept but what was found. */
function ofChecks({ judgedAt, verdict, lastProofAt }: Partial<Instance> = {}): Entry[] {
  return [
    ...(lastProofAt === undefined
      ? []
      : [{ at: lastProofAt, what: "proved", says: "the newest proof that it holds its key" }]),
    ...(judgedAt === undefined ? [] : [{ at: judgedAt, what: "checked", says: verdict ?? "no verdict" }]),
  ];
}
