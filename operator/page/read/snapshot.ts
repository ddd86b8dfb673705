import { type Finding, stands } from "../../../functions/findings/finding.ts";
import { consoleLink } from "../../../functions/telling/console-link.ts";
import { findingMail, nameOf } from "../../../functions/telling/finding-mail.ts";
import { lookedAtCredential } from "../../credential-state.ts";
import { foldStorms, type Row } from "../../findings-folded.ts";
import { isOverdue, isUnsound, type Looked, lookedAt, needsAttention, rankOf, wordsOf } from "../../looked.ts";
import { type Account, executionArnIn } from "../../place/place.ts";
import { listCredentials } from "../../reads/credentials.ts";
import { listOpenFindings } from "../../reads/findings.ts";
import { listInstances, type Reading } from "../../reads/instances.ts";
import { toldOf } from "../../what-to-type.ts";
import type { InstanceRow, Snapshot, StandingRow, Tone } from "../wire/live.ts";
import { credentialRow } from "./credentials.ts";

/** All that the page shows of a deployment at a glance, as it was a moment ago. */
export async function readSnapshot(
  context: Reading,
  account: Account,
  now: number,
  freshMs: number,
): Promise<Snapshot> {
  const [instances, findings, credentials] = await Promise.all([
    listInstances(context),
    listOpenFindings(context),
    listCredentials(context),
  ]);
  const standing = findings.filter(stands);
  const { looked } = lookedAt(instances, standing);
  const promotedBy = (name: string) => executionArnIn(context.place, account, "credential", name);
  return {
    readAt: now,
    instances: looked.map((one) => instanceRow(one, now)),
    standing: foldStorms(standing).map((row) => standingRow(row, now)),
    credentials: credentials.map((one) => credentialRow(lookedAtCredential(one, standing), now, promotedBy)),
    freshMs,
  };
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

function standingRow({ finding, members }: Row, now: number): StandingRow {
  const { subject, cause, since, toldAt, times, execution } = finding;
  const { type, or, ...told } = toldOf(members[0] ?? finding, members.length > 0);
  return {
    ...{ subject, named: nameOf(finding), cause, since, times, ...told, execution, link: consoleLink(execution) },
    ...(toldAt !== undefined && { toldAt }),
    ...(type !== undefined && { type }),
    ...(or !== undefined && { or }),
    // As it was when people were told: when it was noticed is no matter of who looks.
    mail: findingMail(finding, Math.min(now, toldAt ?? now)),
    members: members.map(({ subject: of, since: from }: Finding) => ({ subject: of, since: from })),
  };
}
