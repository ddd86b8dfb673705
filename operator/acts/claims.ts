import { isPrintable, printable } from "../../functions/shared/printable.ts";
import { misused } from "../exits.ts";
import type { Caller } from "../place/clients.ts";

/** Who asks for an act and why, as claimed, for whoever reads the audit; CloudTrail knows the caller. */
export interface Claims {
  requestedBy: string;
  reason?: string;
}

/** What an event takes of who asks, in characters. */
const LONGEST_ASKER = 100;
const LONGEST_REASON = 200;

/** @param reason as `demandReason` has let it pass */
export function claimsOf({ who }: Pick<Caller, "who">, reason: string | undefined): Claims {
  // The end of an ARN is what tells people apart: the name of the session or the user.
  return { requestedBy: printable(who.slice(-LONGEST_ASKER)), ...(reason !== undefined && { reason }) };
}

/** @throws Stopped (2) for a reason that no flow takes */
export function demandReason(reason: string | undefined): void {
  if (reason === undefined || (reason.length <= LONGEST_REASON && isPrintable(reason))) return;
  throw misused(`--reason takes one line of at most ${LONGEST_REASON} characters.`);
}
