import type { RotatedSecret } from "./rotated-secret.ts";

/**
 * Asks for a rotation again and again, as often as no schedule of Secrets Manager may: its shortest is four hours. Where one
 * is under way, the next time is soon enough; where AWS does not answer, too.
 *
 * @returns what ends it
 */
export function keepTurning(secrets: Pick<RotatedSecret, "rotate">, everySeconds: number): () => void {
  const ask = () => void secrets.rotate().catch(() => undefined);
  const timer = setInterval(ask, everySeconds * 1000);
  return () => clearInterval(timer);
}
