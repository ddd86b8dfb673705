import { duration } from "../duration.ts";

/** Beyond five minutes Lambda takes no signature. */
const MOST_SKEW_MS = 5 * 60_000;

/** What AWS's services say of a signature that bears a time too far from theirs. */
const TOO_FAR = /Signature (expired|not yet current)|RequestTimeTooSkewed|RequestExpired/;

/**
 * The sentence for an answer that refuses a call since this instance's clock is wrong, or undefined if that is not why.
 * Nobody would look for it: AWS only says that it does not take the signature.
 *
 * @param date the answer's header: when AWS gave it
 * @param nowMs this instance's time, in milliseconds since 1970
 */
export function clockTrouble(body: string, date: string | undefined, nowMs: number): string | undefined {
  const aheadMs = nowMs - Date.parse(date ?? "");
  const off =
    Math.abs(aheadMs) > MOST_SKEW_MS ? `${duration(aheadMs)} ${aheadMs > 0 ? "ahead of" : "behind"}` : undefined;
  if (off === undefined && !TOO_FAR.test(body)) return undefined;
  return (
    `This instance's clock is ${off ?? "minutes away from"} that of AWS, so its signature was refused (HTTP 403). Set the ` +
    "clock, and have it kept right: EC2's time service is at 169.254.169.123 (chronyc sources)."
  );
}
