import { z } from "zod";
import { AwsError } from "../http/service.ts";
import { pageToken, readPage } from "../page.ts";
import type { Parts } from "../parts.ts";
import { uuid } from "../uuid.ts";
import { LABEL, PAGE, SECRET_ID, TOKEN, VALUE } from "./inputs.ts";
import { attach, CURRENT, detach, holderOf } from "./labels.ts";
import { invalidParameter, invalidRequest, notFound, read, tokenInUse } from "./refusals.ts";
import { scheduleOf } from "./schedule.ts";
import { hasValue, markedForDeletion, type SecretStore, type Version, type Whole } from "./secret-store.ts";

const DAY_MS = 86_400_000;
/** How many versions a secret has at the most; those of the last day that have no label stay. */
const MOST_VERSIONS = 100;

const GET = z.strictObject({ SecretId: SECRET_ID, VersionId: TOKEN.optional(), VersionStage: LABEL.optional() });
const PUT = z.strictObject({
  SecretId: SECRET_ID,
  ClientRequestToken: TOKEN.optional(),
  VersionStages: z.array(LABEL).min(1).max(20).default([CURRENT]),
  // Who rotates from another account shows with it who he is; here is one account.
  RotationToken: z.string().min(36).max(256).optional(),
  ...VALUE,
});
const STAGE = z.strictObject({
  SecretId: SECRET_ID,
  VersionStage: LABEL,
  RemoveFromVersionId: TOKEN.optional(),
  MoveToVersionId: TOKEN.optional(),
});
const LIST = z.strictObject({ SecretId: SECRET_ID, IncludeDeprecated: z.boolean().default(false), ...PAGE });

type Given = { SecretString?: string | undefined; SecretBinary?: string | undefined };

/** The operations about the versions of a secret: their values and their labels. */
export function valueOperations(parts: Parts, secrets: SecretStore, changed: () => void) {
  return {
    GetSecretValue(input: unknown): unknown {
      const { SecretId, VersionId, VersionStage } = read(GET, input);
      const { secret, versions } = secrets.seen(SecretId);
      if (secret.goneAt !== undefined) throw markedForDeletion();
      const label = VersionStage ?? CURRENT;
      const version = VersionId === undefined ? holderOf(versions, label) : versions.find(({ id }) => id === VersionId);
      if (VersionStage !== undefined && version !== undefined && !version.stages.includes(VersionStage)) {
        throw invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.");
      }
      if (version === undefined || !hasValue(version)) {
        const which = VersionId === undefined ? `staging label: ${label}` : `VersionId: ${VersionId}`;
        throw notFound(`secret value for ${which}`);
      }
      noteRead(parts, secrets, secret.arn, version.id);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        ...(version.text !== undefined && { SecretString: version.text }),
        ...(version.binary !== undefined && { SecretBinary: version.binary }),
        VersionStages: version.stages,
        CreatedDate: new Date(version.createdAt),
      };
    },

    PutSecretValue(input: unknown): unknown {
      const asked = read(PUT, input);
      const whole = secrets.demand(asked.SecretId);
      const value = demandValue(asked);
      const id = asked.ClientRequestToken ?? uuid(parts.random);
      const { secret, versions } = whole;
      const there = versions.find((version) => version.id === id);
      if (there === undefined || !hasValue(there)) {
        const labels = versions.some(hasValue) ? asked.VersionStages : [CURRENT, ...asked.VersionStages];
        put(parts, whole, { id, value, labels });
        secrets.save(whole);
        changed();
      } else if (!isSame(there, value)) {
        throw tokenInUse(id, secret.arn);
      }
      const VersionStages = versions.find((version) => version.id === id)?.stages;
      return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages };
    },

    UpdateSecretVersionStage(input: unknown): unknown {
      const { SecretId, VersionStage: label, RemoveFromVersionId, MoveToVersionId } = read(STAGE, input);
      const whole = secrets.demand(SecretId);
      const { secret, versions } = whole;
      const holder = holderOf(versions, label);
      const to = MoveToVersionId === undefined ? undefined : versionOf(versions, MoveToVersionId);
      if (RemoveFromVersionId === undefined) refuseTaking(label, holder, to);
      else if (versionOf(versions, RemoveFromVersionId) !== holder) {
        const must = `it must be set to the version that currently has the staging label ${label}`;
        throw invalidParameter(`When you move staging label ${label}, if you specify RemoveFromVersionId, ${must}.`);
      }
      if (to === undefined && label === CURRENT) {
        throw invalidParameter(`The staging label ${CURRENT} can be moved to another version, and not be removed.`);
      }
      // A version that a rotation has only asked for would leave everybody without a value.
      if (to !== undefined && label === CURRENT && !hasValue(to)) {
        throw invalidRequest(`The version ${to.id} has no value, and can't become ${CURRENT}.`);
      }
      if (to !== undefined) attach(versions, label, to);
      else if (holder !== undefined) detach(holder, label);
      secret.changedAt = parts.clock.now();
      secrets.save(whole);
      return { ARN: secret.arn, Name: secret.name };
    },

    ListSecretVersionIds(input: unknown): unknown {
      const { SecretId, IncludeDeprecated, MaxResults, NextToken } = read(LIST, input);
      const { secret, versions } = secrets.seen(SecretId);
      const listing = `versions ${secret.arn}`;
      const refusal = new AwsError("InvalidNextTokenException", "The NextToken value is invalid.");
      const from = Number(readPage(NextToken, listing, refusal) ?? 0);
      const listed = versions.filter(({ stages }) => IncludeDeprecated || stages.length > 0);
      const next = from + MaxResults;
      return {
        ARN: secret.arn,
        Name: secret.name,
        Versions: listed.slice(from, next).map(({ id, stages, createdAt, accessedAt }) => ({
          VersionId: id,
          ...(stages.length > 0 && { VersionStages: stages }),
          CreatedDate: new Date(createdAt),
          ...(accessedAt !== undefined && { LastAccessedDate: new Date(accessedAt) }),
        })),
        ...(listed.length > next && { NextToken: pageToken(listing, next) }),
      };
    },
  };
}

/** @throws AwsError InvalidParameterException unless there is one value */
export function demandValue(given: Given): Pick<Version, "text" | "binary"> {
  const { SecretString: text, SecretBinary: binary } = given;
  if ((text === undefined) === (binary === undefined)) {
    throw invalidParameter("You must provide either SecretString or SecretBinary, and not both.");
  }
  return { ...(text !== undefined && { text }), ...(binary !== undefined && { binary }) };
}

/**
 * Puts a value into a secret under the ID of a version that has none yet, with these labels.
 *
 * @throws AwsError LimitExceededException
 */
export function put(
  { clock }: Parts,
  { secret, versions }: Whole,
  { id, value, labels }: { id: string; value: Pick<Version, "text" | "binary">; labels: readonly string[] },
): void {
  const now = clock.now();
  let version = versions.find((one) => one.id === id);
  if (version === undefined) {
    makeRoom(versions, now);
    version = { id, createdAt: now, stages: [] };
    versions.push(version);
  }
  Object.assign(version, value);
  const before = holderOf(versions, CURRENT);
  for (const label of labels) attach(versions, label, version);
  secret.changedAt = now;
  // A value that is put by hand counts as a rotation, from which the schedule goes on.
  const { rotation } = secret;
  if (secret.nextAt === undefined || rotation?.rules === undefined || holderOf(versions, CURRENT) === before) return;
  secret.nextAt = scheduleOf(rotation.rules)?.nextAfter(now) ?? secret.nextAt;
}

/** Lets go of the oldest versions that nobody can name by a label, as far as needed and as far as they are old enough. */
export function makeRoom(versions: Version[], now: number): void {
  while (versions.length >= MOST_VERSIONS) {
    const place = versions.findIndex(({ stages, createdAt }) => stages.length === 0 && createdAt <= now - DAY_MS);
    if (place < 0) {
      const message = `The secret has ${versions.length} versions of the last 24 hours, and can't have more.`;
      throw new AwsError("LimitExceededException", message);
    }
    versions.splice(place, 1);
  }
}

export function isSame(version: Version, value: Pick<Version, "text" | "binary">): boolean {
  return version.text === value.text && version.binary === value.binary;
}

function versionOf(versions: readonly Version[], id: string): Version {
  const version = versions.find((one) => one.id === id);
  if (version === undefined) throw notFound("secret version");
  return version;
}

/** Who takes a label off a version must say of which. */
function refuseTaking(label: string, holder: Version | undefined, to: Version | undefined): void {
  if (holder === to || holder === undefined) return;
  throw invalidParameter(
    `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ` +
      `${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
  );
}

/** AWS says of a read on which day it was, and no more. */
function noteRead({ clock }: Parts, secrets: SecretStore, arn: string, id: string): void {
  const today = Math.floor(clock.now() / DAY_MS) * DAY_MS;
  const whole = secrets.find(arn);
  const version = whole?.versions.find((one) => one.id === id);
  if (whole === undefined || version === undefined) return;
  if (whole.secret.accessedAt === today && version.accessedAt === today) return;
  whole.secret.accessedAt = today;
  version.accessedAt = today;
  secrets.save(whole);
}
