import type { Seal } from "../../../protocol/index.ts";
import { dayBefore, dayOf } from "../../audit/days.ts";
import { sealDay as seal } from "../../audit/seal-day.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import { nameError } from "../../shared/name-error.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** How far back it is looked for seals that are not in the bucket: it may have refused them for so long. */
const DAYS_BACK = 30;

/**
 * Seals the day that is over, unless it is sealed, and keeps the seal where nobody who may write the table may write: in a
 * log of its own, and in a bucket if there is one. With each look once more, so that none is missing where one died.
 *
 * @returns the seal, also where the bucket has refused it, and then why
 */
export async function sealDay(
  { at }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { audit, journal } = neighbours;
  const sealed = await seal(audit, dayBefore(dayOf(at), 1));
  const { day, digest, heads } = sealed;
  journal.info("sealed", { day, digest, subjects: heads.length });
  try {
    await keep(sealed, neighbours);
    return { day, digest };
  } catch (error) {
    // The log and the mail have it all the same; people are told by the look, which so does not end well.
    const { name, message } = nameError(error);
    if (name === TEMPORARILY_UNAVAILABLE) throw error;
    return { day, digest, refused: `${name}: ${message}`.slice(0, 500) };
  }
}

/** Keeps a seal in the bucket, and those of the days before it that are not there yet. */
async function keep(
  newest: Seal,
  { audit, sealArchive, now, auditKeptMs }: NeighboursOf<typeof contract>,
): Promise<void> {
  let missing: Seal | undefined = newest;
  for (let days = 1; missing !== undefined && days <= DAYS_BACK; days += 1) {
    const isNew = await sealArchive.keep(missing, now() + auditKeptMs);
    missing = isNew ? await audit.sealOf(dayBefore(newest.day, days)) : undefined;
  }
}
