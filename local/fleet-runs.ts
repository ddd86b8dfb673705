import type { BusEvent, EmbeddedAws } from "embedded-aws";
import { fleetRotationFinished } from "../events/fleet-rotation-finished.ts";
import { flowArn } from "./roles.ts";

/** What a run over the fleet had to do with one instance. */
export interface Turn {
  id: string;
  /** The name of the rotation's execution: of two runs at once, one has started it. */
  name: string;
  /** What the run itself counts it by. */
  outcome: string;
  /** Of a rotation that failed: its error, without our prefix. */
  error?: string;
}

/** How many executions are looked through for those of a run that has just ended. */
const LATEST = 2000;

/** The turns of a run over the fleet that an event tells the end of, from the executions that it started; else none. */
export function turnsOf(executions: EmbeddedAws["executions"] | undefined, event: BusEvent): Turn[] {
  if (executions === undefined || event["detail-type"] !== fleetRotationFinished.detailType) return [];
  const run = executions.list(flowArn("fleet-rotation"), LATEST).find(({ arn }) => arn === event.detail.execution);
  const rotations = new Map(executions.list(flowArn("rotation"), LATEST).map((one) => [one.name, one]));
  // The Distributed Map has an execution of its own for each item.
  const items = executions.list(`${flowArn("fleet-rotation")}/TurnEach`, LATEST);
  return items
    .filter(({ parent }) => parent === run?.id)
    .map(({ input, output }) => {
      const { id, name } = JSON.parse(input);
      const { outcome = "NOT_STARTED" } = JSON.parse(output ?? "{}");
      const { error, status = "NOT_STARTED" } = rotations.get(name) ?? {};
      const failed = outcome === "FAILED" && { error: (error ?? status).replace(/^Keyturn\./, "") };
      return { id, name, outcome, ...failed };
    });
}

/** How many rotations came to what, as the run itself counts them. */
export interface Counts {
  due: number;
  turned: number;
  skipped: number;
  failed: number;
}

/** Why a key was not turned although nothing is wrong. */
const REASONS: Record<string, string> = {
  WAITING: "stopped, or just up, or beside a former ID that is to fall silent first",
  SUPERSEDED: "another execution has turned it",
  RETIRED: "its host is gone, or goes on under another ID",
  REKEYING: "a rekey of it stands, and goes first",
  ALREADY_STARTED: "an earlier run has seen to it",
};

/** What a run came to, in one sentence that names each instance. */
export function runSentence({ due, turned, skipped, failed }: Counts, turns: readonly Turn[]): string {
  const named = (of: (turn: Turn) => string | undefined) => {
    const groups = Map.groupBy(turns, of);
    groups.delete(undefined);
    const parts = [...groups].map(([what, some]) => `${some.map(({ id }) => id).join(", ")}${what}`);
    return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
  };
  const done = named(({ outcome }) => (outcome === "ROTATED" ? "" : undefined));
  const isWrong = ({ outcome }: Turn) => outcome === "FAILED" || outcome === "NOT_STARTED";
  const wrong = named((turn) => (isWrong(turn) ? `: ${turn.error ?? turn.outcome}` : undefined));
  const waits = named((turn) => {
    const isQuiet = turn.outcome !== "ROTATED" && !isWrong(turn);
    return isQuiet ? `: ${turn.outcome}, ${REASONS[turn.outcome] ?? "nothing to do"}` : undefined;
  });
  return `${due} due: ${turned} turned${done}, ${skipped} skipped${waits}, ${failed} failed${wrong}.`;
}
