import { MOST_LOOKS, type Tellers, tooBusy } from "./alter.ts";
import { type Finding, type Found, isToldAnew, isUntold, seen, stands } from "./finding.ts";
import { joinsStorm } from "./storm.ts";
import { claimed, tell } from "./tell.ts";

/**
 * Somebody has come upon something that people are to know: it is remembered, and told unless they know it already. The
 * only way by which a flow tells people anything.
 *
 * It is claimed before it is mailed, so that of two who come upon it at once one mails. Whoever dies after that leaves a
 * claim that runs out, and the watch tells in its place: a second time, if it died between the mail and its noting.
 *
 * @throws StepError TemporarilyUnavailable where many write this finding at once; whatever mail and bus throw: it is claimed
 *   no longer then, so that who tries again tells
 */
export async function openFinding(found: Found, tellers: Tellers): Promise<void> {
  const { findings, now } = tellers;
  let ofStorm: boolean | undefined;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const before = await findings.find(found);
    const at = now();
    // A place in the storm is taken once, however often the write is tried.
    if (seen(before, found, at).times === 1 || isToldAnew(before, found)) ofStorm ??= await joinsStorm(found, tellers);
    const next = seen(before, found, at, ofStorm);
    const isMine = isUntold(next, at);
    // Another one came upon it at this very moment, and need not be counted twice.
    if (looks > 0 && before !== undefined && stands(before) && !isMine) return;
    const written: Finding | undefined = await findings.write(isMine ? claimed(next, at) : next, before);
    if (written === undefined) continue;
    if (isMine) await tell(written, tellers);
    return;
  }
  throw tooBusy(found);
}
