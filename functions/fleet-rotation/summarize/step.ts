import { fleetRotationFinished } from "../../../events/fleet-rotation-finished.ts";
import { FLEET, stands } from "../../findings/finding.ts";
import { openFinding } from "../../findings/open.ts";
import { endFinding } from "../../findings/tell.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** Ends a run: puts its counts on the bus, and tells people if it was stopped. Each rotation that failed has told itself. */
export async function summarize(
  { due, turned, skipped, failed, problem, execution, named = false }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { findings, bus, journal } = neighbours;
  const stopped = problem !== "";
  const summary = { due, turned, skipped, failed, stopped };
  // A run that found nothing due is not worth an event.
  if (due > 0 || stopped) await bus.put(fleetRotationFinished, { ...summary, execution });

  const key = { subject: FLEET, cause: "FleetRotationStopped" };
  const counts = `${due} due, ${turned} turned, ${skipped} skipped, ${failed} failed`;
  if (stopped) await openFinding({ ...key, execution, facts: { said: `${problem} (${counts}).` } }, neighbours);
  else if (!named) {
    const before = await findings.find(key);
    if (before !== undefined && stands(before)) await endFinding(before, neighbours);
  }
  journal.count("Run", { outcome: stopped ? "STOPPED" : "FINISHED" });
  return summary;
}
