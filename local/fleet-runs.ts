import { flowArn } from "./roles.ts";

/** What became of a rotation that a run over the fleet started. */
interface Rotation {
  id: string;
  /** The run's execution ARN. */
  run: string | undefined;
  /** What the flow says came of it, or the error that it failed with; undefined while it is under way. */
  outcome?: string;
  failed: boolean;
}

/** Of AWS's event that an execution has another status, what is needed here. */
interface StatusChange {
  executionArn: string;
  stateMachineArn: string;
  status: string;
  input: string;
  output: string | null;
  error: string | null;
}

/** How many rotations came to what, as the run itself counts them. */
export interface Counts {
  due: number;
  turned: number;
  skipped: number;
  failed: number;
  execution: string;
}

/** Why a key was not turned although nothing is wrong. */
const REASONS: Record<string, string> = {
  WAITING: "its host is stopped, or has just come up",
  SUPERSEDED: "another execution has turned it",
  RETIRED: "its host is gone",
};

/** Puts names to the counts of the runs over the fleet, by the events of the executions that they start. */
export class FleetRuns {
  readonly #rotations = new Map<string, Rotation>();
  #latest: string | undefined;

  /** An execution has started or ended. */
  note(change: StatusChange): void {
    const { executionArn, stateMachineArn, status, input, output, error } = change;
    if (stateMachineArn === flowArn("fleet-rotation") && status === "RUNNING") this.#latest = executionArn;
    if (stateMachineArn !== flowArn("rotation")) return;
    const { id, gather } = JSON.parse(input);
    if (gather !== true) return;
    // Runs follow each other slowly, and each starts its rotations at its beginning.
    const { run } = this.#rotations.get(executionArn) ?? { run: this.#latest };
    const failed = status !== "RUNNING" && status !== "SUCCEEDED";
    const outcome = failed ? (error ?? status).replace(/^Keyturn\./, "") : JSON.parse(output ?? "{}").outcome;
    this.#rotations.set(executionArn, { id, run, failed, ...(status !== "RUNNING" && { outcome }) });
  }

  /**
   * A run is over: what it came to, in one sentence that names each instance; undefined where the rotations that it
   * counts are those of an earlier run, which were under way when it began, and which that run tells.
   */
  sentence({ due, turned, skipped, failed, execution }: Counts): string | undefined {
    const entries = [...this.#rotations];
    const own = entries.filter(([, { run, outcome }]) => run === execution && outcome !== undefined);
    if (own.length === 0 && skipped === 0 && turned + failed > 0) return undefined;
    for (const [arn] of own) this.#rotations.delete(arn);
    const ended = own.map(([, rotation]) => rotation);
    const done = ended.filter(({ outcome }) => outcome === "ROTATED").map(({ id }) => id);
    const wrong = ended.filter((one) => one.failed).map(({ id, outcome }) => `${id}: ${outcome}`);
    const quiet = ended
      .filter((one) => !one.failed && one.outcome !== "ROTATED")
      .map(({ id, outcome = "" }) => `${id}: ${outcome}, ${REASONS[outcome] ?? "nothing to do"}`);
    const others = entries
      .filter(([, { run, outcome }]) => run !== execution && outcome === undefined)
      .map(([, { id }]) => `${id}: an earlier run is still turning it`);
    const waits = [...quiet, ...others.slice(0, Math.max(0, skipped - quiet.length))];
    return `${due} due: ${turned} turned${named(done)}, ${skipped} skipped${named(waits)}, ${failed} failed${named(wrong)}.`;
  }
}

function named(names: string[]): string {
  return names.length === 0 ? "" : ` (${names.join("; ")})`;
}
