import { type Head, headsInOrder, isCount, isHex64, type Seal, sealDigest } from "../../protocol/index.ts";
import type { Audit, LineKey } from "../clients/audit.ts";
import { eachAtOnce } from "../shared/at-once.ts";
import { StepError } from "../shared/errors.ts";
import { dayBefore, daysFromTo } from "./days.ts";

/** How many days are looked at before the first seal: a sealer that fails is told of long before. */
const BEFORE_THE_FIRST = 100;

/**
 * Seals a day: what was put on it, and since the seal before. It may be called again, and by several at once; a day has
 * one seal. What is put on the day after it was sealed, or was not in the index yet, the next seal covers, which looks
 * at that day once more.
 *
 * Looked at are the keys of all days from that of the last seal on, however many there are since. Of these, what is no
 * higher than the last seal says, or than that of the day before it, is sealed already, and **no earlier seal has to be
 * looked at**: the head of a seal was put on its day at the latest, and what lies below that head no more than moments
 * later, by another clock. So a line that was put on the day of the last seal, or later, is in none from two days
 * before.
 *
 * Calls: four or a few more for the two seals, one for each of the days (ten thousand lines are one page or two), one
 * for each subject with new lines, fifty at once, and those of `putSeal`. Where the day is sealed already it is the
 * first two.
 *
 * @param day a UTC day like `2026-11-26`; one that is over, or what is put on it later waits for the next seal
 * @returns the day's seal; where a later day was sealed before it, that seal, which covers it
 * @throws StepError LineGone when the index names a line that the table has not: it was deleted a moment ago. The index
 *   forgets it, so that a later call seals without it, and a check finds the gap
 */
export async function sealDay(audit: Audit, day: string): Promise<Seal> {
  const last = await audit.lastSeal();
  if (last !== undefined && last.day >= day) return last.day === day ? last : ((await audit.sealOf(day)) ?? last);

  // Where both have a subject, the later one goes further.
  const before = last && (await audit.sealOf(dayBefore(last.day, 1)));
  const sealed = new Map([before, last].flatMap((seal) => seal?.heads.map(({ subject, n }) => [subject, n]) ?? []));
  const newest = new Map<string, number>();
  for (const one of daysFromTo(last?.day ?? dayBefore(day, BEFORE_THE_FIRST), day)) {
    for await (const { subject, n } of keysOf(audit, one)) {
      // What has not the form of a line is no head: a check finds it without a seal, and nothing else is to wait for it.
      if (isCount(n) && n > (newest.get(subject) ?? sealed.get(subject) ?? 0)) newest.set(subject, n);
    }
  }
  const heads = await headsOf(
    audit,
    [...newest].map(([subject, n]) => ({ subject, n })),
  );
  const content = { previous: last?.digest ?? "", day, heads };
  const seal = { ...content, digest: sealDigest(content) };
  // Where somebody else has put one meanwhile, it is this day's, or this day's comes after it.
  return (await audit.putSeal(seal)) ? seal : sealDay(audit, day);
}

async function* keysOf(audit: Audit, day: string): AsyncGenerator<LineKey> {
  let after: string | undefined;
  do {
    const page = await audit.keysOfDay(day, { after });
    yield* page.keys;
    after = page.next;
  } while (after !== undefined);
}

async function headsOf(audit: Audit, keys: LineKey[]): Promise<Head[]> {
  const heads: Head[] = [];
  await eachAtOnce(keys, async (key) => {
    const head = await headOf(audit, key);
    if (head !== undefined) heads.push(head);
  });
  return headsInOrder(heads);
}

/** Undefined for a line whose digest has not its form. */
async function headOf(audit: Audit, key: LineKey): Promise<Head | undefined> {
  const line = await audit.line(key);
  if (line !== undefined) return isHex64(line.digest) ? { ...key, digest: line.digest } : undefined;
  const { subject, n } = key;
  throw new StepError(
    "LineGone",
    `Line ${n} of ${subject} is in the audit's index and not in its table: it was deleted.`,
  );
}
