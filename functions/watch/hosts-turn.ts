/** How late a look may begin: EventBridge Scheduler keeps to the minute, and what it starts takes some seconds. */
const LATE_MS = 75_000;

/**
 * Whether it is a host's turn to be looked at. It comes as often as proofs are judged, at a moment that is the host's own:
 * each look takes the hosts whose moment was since the look before, and a little longer ago, so that none falls between a
 * look that came early and one that came late.
 *
 * @param at when the look began, in milliseconds since 1970
 */
export function isHostsTurn(
  ec2InstanceId: string,
  at: number,
  { looksEveryMs, proofsEveryMs }: { looksEveryMs: number; proofsEveryMs: number },
): boolean {
  // By the last digits of its ID, which EC2 draws.
  const moment = Number.parseInt(ec2InstanceId.slice(-8), 16) % proofsEveryMs;
  return (at - moment) % proofsEveryMs < looksEveryMs + LATE_MS;
}
