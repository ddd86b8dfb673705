import { stands } from "../../../functions/findings/finding.ts";
import { lookedAtCredential } from "../../credential-state.ts";
import { foldStorms } from "../../findings-folded.ts";
import { isOverdue, isUnsound, type Looked, lookedAt, needsAttention, rankOf, wordsOf } from "../../looked.ts";
import { type Account, executionArnIn } from "../../place/place.ts";
import { listOpenFindings } from "../../reads/findings.ts";
import type { Reading } from "../../reads/instances.ts";
import { listRecords } from "../../reads/records.ts";
import type { InstanceRow, Snapshot, StandingRow, Tone } from "../wire/live.ts";
import { credentialRow } from "./credentials.ts";
import { standingRow } from "./standing.ts";

/** Reads all that the page shows of a deployment at a glance, as it was a moment ago. */
export type ReadSnapshot = (
  context: Reading,
  account: () => Promise<Account>,
  now: number,
  freshMs: number,
) => Promise<Snapshot>;

/** What reads it again and again: what is made of a finding is kept for as long as that stays the same. */
export function snapshotReader(): ReadSnapshot {
  let kept = new Map<string, StandingRow>();
  return async (context, account, now, freshMs) => {
    const [{ instances, credentials }, findings] = await Promise.all([listRecords(context), listOpenFindings(context)]);
    const standing = findings.filter(stands);
    const credentialRows = async () => {
      // Most fleets have none, and need not ask whose account it is.
      if (credentials.length === 0) return [];
      const where = await account();
      const promotedBy = (name: string) => executionArnIn(context.place, where, "credential", name);
      return credentials.map((one) => credentialRow(lookedAtCredential(one, standing), now, promotedBy));
    };
    const { looked } = lookedAt(instances, standing);
    const rows = foldStorms(standing).map((row) => {
      const key = JSON.stringify(row);
      return [key, kept.get(key) ?? standingRow(row, context.place)] as const;
    });
    kept = new Map(rows);
    return {
      readAt: now,
      instances: looked.filter(isShown).map((one) => instanceRow(one, now)),
      standing: rows.map(([, row]) => row),
      credentials: await credentialRows(),
      freshMs,
    };
  };
}

/** The retired become ever more over the years, and nothing happens to them: of these only what stands is shown. */
function isShown({ instance, findings }: Looked): boolean {
  return instance.status !== "RETIRED" || findings.length > 0;
}

function instanceRow(looked: Looked, now: number): InstanceRow {
  const isBad = needsAttention(looked);
  return {
    ...looked.instance,
    rank: rankOf(looked, now),
    needsAttention: isBad,
    tone: toneOf(looked, isBad, now),
    words: wordsOf(looked, now),
  };
}

function toneOf({ instance }: Looked, isBad: boolean, now: number): Tone {
  if (isBad || isUnsound(instance)) return "bad";
  const { status, verdict, waitingSince, isRekeyed } = instance;
  if (status !== "ACTIVE") return status === "QUARANTINED" ? "warn" : "quiet";
  if (isOverdue(instance, now) || waitingSince !== undefined || isRekeyed) return "warn";
  return verdict === undefined ? "quiet" : "good";
}
