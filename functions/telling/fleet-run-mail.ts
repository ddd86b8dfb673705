import type { InstanceRecord } from "../record/record.ts";
import { adviceFor } from "./advice.ts";
import { type Line, layout } from "./layout.ts";
import { nextTry } from "./next-try.ts";
import { utc } from "./time.ts";

/** How many instances a mail names one by one under each heading; the rest is counted. */
const MOST_LISTED = 50;

/** What a run over the fleet came to. */
interface FleetRun {
  due: number;
  turned: number;
  skipped: number;
  failed: number;
  stopped: boolean;
  problem: string;
  execution: string;
}

/** One mail for a run over the fleet: what is new, what still stands, what each means and what to do. */
export function fleetRunMail(run: FleetRun, fresh: InstanceRecord[], standing: InstanceRecord[]) {
  const wrong = [...fresh, ...standing];
  const kinds = [...new Set(wrong.map((record) => record.alert?.what ?? ""))];
  const text = layout(
    [
      [
        ["Run", `${run.due} due, ${run.turned} turned, ${run.skipped} skipped, ${run.failed} failed`],
        ...(run.stopped ? [["Stopped", run.problem] as Line] : []),
      ],
      listed("New", fresh),
      listed("Still standing", standing),
      ...kinds.map((what): Line[] => [what, ["  It means", adviceFor(what).means], ["  To do", adviceFor(what).todo]]),
    ],
    run.execution,
  );
  const [only] = wrong;
  const about = run.stopped
    ? "the run over the fleet was stopped"
    : wrong.length === 1 && only
      ? `${only.alert?.what} on ${only.id} (${only.ec2InstanceId})`
      : `${kinds.join(", ")} on ${wrong.length} instances`;
  return { subject: `Keyturn: ${about}`, text };
}

function listed(heading: string, records: InstanceRecord[]): Line[] {
  if (records.length === 0) return [];
  const named = records.slice(0, MOST_LISTED).map((record) => {
    const { id, ec2InstanceId, alert } = record;
    return `  ${id} (${ec2InstanceId}): ${alert?.what} since ${utc(alert?.since ?? 0)}, next try ${nextTry(record)}`;
  });
  const rest = records.length - named.length;
  return [`${heading}:`, ...named, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}
