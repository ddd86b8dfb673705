import { fleetRotationFinished } from "../../../events/fleet-rotation-finished.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { fleetRunMail } from "../../telling/fleet-run-mail.ts";
import type { contract } from "./contract.ts";

const A_DAY_MS = 24 * 3600 * 1000;

/**
 * Ends a run: tells its counts on the bus, and gathers in one mail what nobody has been mailed about yet and, once a
 * day, what still stands. An alert that a run leaves unmailed, because that run died, is in the next one's mail.
 */
export async function summarize(
  { due, turned, skipped, failed, problem, execution }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, mail, bus, now, journal } = neighbours;
  const stopped = problem !== "";
  const summary = { due, turned, skipped, failed, stopped };
  // A run that found nothing due is not worth an event.
  if (due > 0 || stopped) await bus.put(fleetRotationFinished, { ...summary, execution });

  const at = now();
  const alerted = await registry.listAlerted();
  if (alerted.length > 0) {
    journal.duration("OldestKeyAge", at - Math.min(...alerted.map(({ current }) => current.since)));
  }
  const fresh = alerted.filter((record) => record.alert?.mailedAt === undefined);
  const standing = alerted.filter((record) => at - (record.alert?.mailedAt ?? at) >= A_DAY_MS);
  if (fresh.length > 0 || standing.length > 0 || stopped) {
    const { subject, text } = fleetRunMail({ ...summary, problem, execution }, fresh, standing);
    await mail.send(subject, text);
    for (const { id, alert } of [...fresh, ...standing]) {
      // One that has been mended meanwhile stays mended.
      if (alert) await registry.noteAlertMailed(id, { since: alert.since, at });
    }
  }
  return summary;
}
