import { executionName } from "../../../functions/record/execution-name.ts";
import { refused } from "../../../operator/exits.ts";
import type { LifeDocument, LifeEntry, SampleMark, SamplesDocument } from "../../../operator/page/wire/life.ts";
import type { InstanceRow } from "../../../operator/page/wire/live.ts";
import { arnOf, DATABASE, DAY, FOUND, MINUTE, TAMPERED } from "./names.ts";
import { tampered } from "./standing.ts";

const ASKED = "schedule, by rotation";

/** The turns of a key, one a day, the oldest first. */
function turnsOf(id: string, generation: number, now: number): LifeEntry[] {
  return Array.from({ length: generation }, (_, at) => {
    const execution = `${id}-due-${1_795_831_200 - (generation - at) * 86_400}-7f3a`;
    return {
      ...{
        at: now - (generation - at) * DAY,
        what: at === 0 ? "registered" : "promoted",
        says: `generation ${at + 1}, MATCH`,
      },
      ...{ asked: `${ASKED}, run 2026-11-28T03`, askedAtAGlance: ASKED },
      ...{ execution, executionArn: arnOf("rotation", execution) },
    };
  });
}

/** The life of an instance, and what stands about it where its key was tampered with. */
export function lifeOf(row: InstanceRow, now: number): LifeDocument {
  const { id, generation = 1 } = row;
  const finding = tampered(now);
  const { subject, cause, since, toldAt, execution } = finding;
  const found: LifeEntry[] = [
    { at: since, what: "found", says: "MISMATCH", execution: executionName(execution), executionArn: execution },
    { at: since + 2000, what: "mailed", says: finding.mail.subject },
  ];
  const isTampered = id === TAMPERED;
  return {
    ...{ readAt: now, subject: id, kind: "instance", instance: row, otherIds: [], now: [], earlierLines: 0 },
    life: [...turnsOf(id, generation, now), ...(isTampered ? found : [])],
    findings: isTampered ? [{ subject, cause, since, ...(toldAt && { toldAt }) }] : [],
    turns: turnsOf(id, generation, now).map(({ at }, index) => ({ at, generation: index + 1 })),
    stands: isTampered ? [finding] : [],
  };
}

/** The life of a credential. */
export function lifeOfCredential(now: number): LifeDocument {
  return {
    ...{ readAt: now, subject: DATABASE, kind: "secret", otherIds: [], earlierLines: 12, turns: [], stands: [] },
    now: [
      [DATABASE, "a database's login, PostgreSQL"],
      ["Current", "orders_a"],
    ],
    life: [
      {
        at: now - DAY,
        what: "promoted",
        says: "orders_a, 5 consumers",
        execution: "prod-orders-db-1",
        executionArn: FOUND,
      },
    ],
    findings: [{ subject: DATABASE, cause: "ConsumersBehind", since: now - 12 * MINUTE }],
  };
}

/** Samples each so often over a window; of a key that was cloned, by a second writer, too. */
export function samplesOf(
  { from, to }: { from: number; to: number },
  { generation, everyMs, most }: { generation: number; everyMs: number; most: number },
): SamplesDocument {
  const first = Math.max(from, to - most * everyMs);
  const samples: SampleMark[] = [];
  for (let at = first; at <= to; at += everyMs) {
    samples.push({ at, generation });
    if (samples.length % 7 === 0 && generation > 1) samples.push({ at: at + 1, generation: generation - 1 });
  }
  return { from, to, samples: samples.slice(-most), isCut: first > from };
}

/** A life of which nothing is known. @throws Stopped, as the reader does */
export function nobody(subject: string): never {
  throw refused(`Nothing is known of ${subject} on this computer (npm start).`);
}
