import { isTold } from "../../findings/finding.ts";
import { openFinding } from "../../findings/open.ts";
import { endFinding } from "../../findings/tell.ts";
import { executionName } from "../../record/execution-name.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * Tells of a finding that says it is none, the way that a real one goes, and ends it. Its subject is the execution, so that
 * each drill is a new finding and mails, however soon after the last one. Its cause is no real one's: drills can make a storm
 * with drills only, in which nothing real is gathered; the watch ends it, as none of them stands.
 */
export async function drill(
  { reason, requestedBy, execution }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { findings, journal } = neighbours;
  const key = { subject: executionName(execution), cause: "Drill" };
  let finding = await findings.find(key);
  // A try before may have told already: opened once more, it would be put on the bus again.
  if (finding === undefined || !isTold(finding)) {
    await openFinding({ ...key, execution, facts: { said: saidBy(requestedBy, reason) } }, neighbours);
    finding = await findings.find(key);
  }
  const ended = finding !== undefined && isTold(finding) ? await endFinding(finding, neighbours) : undefined;
  const told = ended?.ofStorm ? "GATHERED" : "DRILLED";
  const outcome = ended?.endAnnouncedAt === undefined ? "CLAIMED" : told;
  journal.info("operated", { act: "drill", outcome, requestedBy, reason, execution });
  return { outcome };
}

function saidBy(requestedBy: string, reason: string): string {
  const who = requestedBy === "" ? "Nobody said who asked for it." : `Asked for by ${requestedBy}, as claimed.`;
  return reason === "" ? who : `${who} The reason given: ${reason}`;
}
