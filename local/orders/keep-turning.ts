import type { OrdersSecrets } from "./secrets.ts";

/**
 * Asks for a rotation again and again, as often as no schedule of Secrets Manager may: its shortest is four hours. Where one
 * is under way, the next time is soon enough; where AWS does not answer, too.
 *
 * @param times.atOnce whether it asks now as well
 * @returns what ends it
 */
export function keepTurning(
  secrets: Pick<OrdersSecrets, "rotate">,
  { everySeconds, atOnce }: { everySeconds: number; atOnce: boolean },
): () => void {
  const ask = () => void secrets.rotate().catch(() => undefined);
  if (atOnce) ask();
  const timer = setInterval(ask, everySeconds * 1000);
  return () => clearInterval(timer);
}
