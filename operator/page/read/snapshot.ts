import { type BehindFact, type Finding, stands } from "../../../functions/findings/finding.ts";
import { consoleLink } from "../../../functions/telling/console-link.ts";
import { findingMail, nameOf } from "../../../functions/telling/finding-mail.ts";
import { isToBeLookedAt, type LookedAtCredential, lookedAtCredential } from "../../credential-state.ts";
import { foldStorms, type Row } from "../../findings-folded.ts";
import { isOverdue, isUnsound, type Looked, lookedAt, needsAttention, rankOf, wordsOf } from "../../looked.ts";
import { listOpenFindings } from "../../reads/findings.ts";
import { isMoment, type Reading } from "../../reads/instances.ts";
import { listRecords } from "../../reads/records.ts";
import { wordsOfCredential } from "../../tables/secrets.ts";
import { toldOf } from "../../what-to-type.ts";
import type { ConsumerRow, CredentialRow, InstanceRow, Snapshot, StandingRow, Tone } from "../wire/live.ts";

/** Reads all that the page shows of a deployment at a glance, as it was a moment ago. */
export type ReadSnapshot = (context: Reading, now: number, freshMs: number) => Promise<Snapshot>;

/** What reads it again and again: what is made of a finding is kept for as long as that stays the same. */
export function snapshotReader(): ReadSnapshot {
  let kept = new Map<string, StandingRow>();
  return async (context, now, freshMs) => {
    const [{ instances, credentials }, findings] = await Promise.all([listRecords(context), listOpenFindings(context)]);
    const standing = findings.filter(stands);
    const { looked } = lookedAt(instances, standing);
    const rows = foldStorms(standing).map((row) => {
      const key = JSON.stringify(row);
      return [key, kept.get(key) ?? standingRow(row)] as const;
    });
    kept = new Map(rows);
    return {
      readAt: now,
      instances: looked.filter(isShown).map((one) => instanceRow(one, now)),
      standing: rows.map(([, row]) => row),
      credentials: credentials.map((one) => credentialRow(lookedAtCredential(one, standing), now)),
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

function standingRow({ finding, members }: Row): StandingRow {
  const { subject, cause, since, seenAt, toldAt, times, execution } = finding;
  const { type, or, ...told } = toldOf(members[0] ?? finding, members.length > 0);
  return {
    ...{ subject, named: nameOf(finding), cause, since, times, ...told, execution, link: consoleLink(execution) },
    ...(toldAt !== undefined && { toldAt }),
    ...(type !== undefined && { type }),
    ...(or !== undefined && { or }),
    // As it was when people were told, or is to be: when it was noticed is no matter of who looks.
    mail: findingMail(finding, [toldAt, seenAt].find(isMoment) ?? since),
    members: members.map(({ subject: of, since: from }: Finding) => ({ subject: of, since: from })),
  };
}

function credentialRow(looked: LookedAtCredential, now: number): CredentialRow {
  const { credential, behind, findings } = looked;
  const { name, current, predecessor, failing } = credential;
  const words = wordsOfCredential(looked, now);
  return {
    ...{ name, words, causes: [...new Set(findings.map(({ cause }) => cause))] },
    tone: isToBeLookedAt(looked) ? "bad" : behind.length > 0 ? "warn" : current === undefined ? "quiet" : "good",
    versions: [
      ...(current === undefined ? [] : [versionOf("current", current)]),
      ...(predecessor === undefined ? [] : [versionOf("former", predecessor)]),
    ],
    consumers: consumersOf(looked),
    ...(failing !== undefined && {
      failing: { since: failing.since, nextTryAt: failing.nextTryAt, what: failing.what },
    }),
  };
}

type Version = NonNullable<LookedAtCredential["credential"]["current" | "predecessor"]>;

function versionOf(is: "current" | "former", version: Partial<Version> & { user: string }) {
  const { versionId, user, life } = version;
  const { since, execution, shutAt } = version as { since?: number; execution?: string; shutAt?: number };
  return {
    ...{ is, user },
    ...(versionId !== undefined && { versionId }),
    ...(since !== undefined && { since }),
    ...(life !== undefined && { goodUntil: life.to }),
    ...(shutAt !== undefined && { shutAt }),
    ...(execution !== undefined && { execution }),
  };
}

function consumersOf({ credential, behind }: LookedAtCredential): ConsumerRow[] {
  const seen = credential.sightings.map(({ consumer, user, at, address, ec2InstanceId, role }): ConsumerRow => {
    const from = ec2InstanceId ?? role ?? address;
    return { consumer, user, at, ...(from !== undefined && { from }) };
  });
  const late = behind.map(({ consumer, why, lastAt, address, id, ec2InstanceId, role }: BehindFact): ConsumerRow => {
    const from = id ?? ec2InstanceId ?? role ?? address;
    const user = credential.predecessor?.user ?? "";
    return { consumer, user, behind: why, ...(lastAt && { at: lastAt }), ...(from !== undefined && { from }) };
  });
  return [...late, ...seen];
}
