import { dayBefore, dayOf } from "../../audit/days.ts";
import { sealDay as seal } from "../../audit/seal-day.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * Seals the day that is over, unless it is sealed, and keeps the seal where nobody who may write the table may write: in a
 * log of its own, and in a bucket if there is one. With each look once more, so that none is missing where one died.
 */
export async function sealDay(
  { at }: InputOf<typeof contract>,
  { audit, sealArchive, now, auditKeptMs, journal }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const sealed = await seal(audit, dayBefore(dayOf(at), 1));
  const { day, digest, heads } = sealed;
  await sealArchive.keep(sealed, now() + auditKeptMs);
  journal.info("sealed", { day, digest, subjects: heads.length });
  return { day, digest };
}
