import { isDeepStrictEqual } from "node:util";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { otherUser } from "../../shared/credential-settings.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { alterCredential } from "../alter.ts";
import { demandCredential } from "../demand-credential.ts";
import type { Behind } from "../inputs.ts";
import { isUrgent } from "../is-urgent.ts";
import { judgeUses } from "../judge.ts";
import { lookAgainInSeconds } from "../look-again.ts";
import { lookAtUses } from "../look-at-uses.ts";
import type { CredentialRecord } from "../record.ts";
import { readLogin } from "../secret-value.ts";
import { keptSightings, lastSightings } from "../sightings.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;

/** For how long the labels may still show what was so before a promotion. */
const LAG_MS = 60_000;

/** Where nobody can say who uses the other token. */
const ANYBODY: Behind = { consumer: "(anybody)", why: "NOT_NAMED" };

/** Looks who uses the two users, notes in the record when each was seen last, and judges who has moved. */
export async function readUses(
  { secret, token, current, other, waits }: Input,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { credentials, secrets, now, credentialSettings } = neighbours;
  const credential = demandCredential(secret, { credentialSettings });
  const versions = { current, other };
  const known = await credentials.find(secret);
  const seen = await lookAtUses({ credential, versions, record: known }, neighbours).catch(async (error: unknown) => {
    if (await isWaitedFor({ secret, token, current, other }, known, neighbours)) throw error;
    return undefined;
  });

  const at = now();
  const former = other.user;
  const record = await alterCredential(
    secret,
    (before) => {
      const added = isOvertaken(before, { token, current }, known) ? [] : (seen ?? []);
      const sightings = keptSightings(lastSightings(before.sightings, added), { now: at, former, credential });
      return isDeepStrictEqual(sightings, before.sightings) ? undefined : { ...before, sightings };
    },
    { credentials },
  );

  const since = promotedAt(record, current.versionId, former);
  const { forced = false, life } = (record.predecessor?.user === former ? record.predecessor : undefined) ?? {};
  const isOver = forced || (life !== undefined && life.to <= at);
  const turned = { user: otherUser(credential, former), former, since, isOver };
  const { behind, stuck, moved, quietUntil } = judgeUses(record.sightings, turned, { now: at, credential });
  const announced = record.predecessor?.announced ?? [];
  return {
    // Who is verified next sees for himself that it does not matter.
    behind: seen === undefined && since === undefined ? [ANYBODY] : behind,
    unannounced: stuck.filter(({ consumer }) => !announced.includes(consumer)),
    moved,
    late: since !== undefined && at >= since + credential.deadlineSeconds * 1000,
    superseded: !isAwaited(record, token) || !(await isInForce(record, token, at, secrets)),
    againInSeconds: lookAgainInSeconds({ waits, now: at, since, quietUntil, endsAt: life?.to }, credential),
  };
}

/**
 * Whether it matters who uses the two. Not so where it is a token that is refused, or ends soon, or whose end was asked for, and not
 * so of a former one that is over: whoever floods the use proofs must keep neither all others without a token, nor alive the one
 * that he has stolen.
 */
async function isWaitedFor(
  { secret, token, current, other }: Pick<Input, "secret" | "token" | "current" | "other">,
  record: CredentialRecord | undefined,
  { secrets, authorities, now, credentialSettings }: NeighboursOf<typeof contract>,
): Promise<boolean> {
  const credential = demandCredential(secret, { credentialSettings });
  if (credential.kind !== "token") return true;
  const { predecessor, requested = [] } = record ?? {};
  if (token === current.versionId) {
    const isOver = predecessor?.forced || (predecessor?.life?.to ?? Number.POSITIVE_INFINITY) <= now();
    return !(predecessor?.user === other.user && isOver);
  }
  if (isUrgent(record ?? {}, now()) || requested.some((one) => one.token === token && one.force)) return false;
  const login = readLogin(await secrets.read(secret, current.versionId), credential);
  if (login === undefined) return false;
  return (await authorities.issuerOf(credential).accepts(login)).every(({ says }) => says !== "REFUSED");
}

/**
 * When the version in force was promoted, while its former user is not retired. Who promoted it and died before noting it
 * leaves it confirmed: it was promoted after that, as soon as it could be.
 */
function promotedAt(
  { current, predecessor, confirmed }: CredentialRecord,
  versionId: string,
  former: string,
): number | undefined {
  if (predecessor?.user === former) return current?.since;
  const isUnnoted = confirmed?.versionId === versionId && current?.versionId !== versionId;
  return isUnnoted ? confirmed.at : undefined;
}

/** Whether the version is the last one that Keyturn promoted, and has a predecessor to be retired. */
function isAwaited({ current, predecessor }: CredentialRecord, token: string): boolean {
  return current?.versionId === token && predecessor !== undefined;
}

/**
 * Whether another version was promoted since it was chosen at what to look. What was seen is kept by user, and he whom this
 * execution waits to be left may be in force anew: who goes on with his former token would pass for one that has moved.
 */
function isOvertaken(
  { current: promoted, confirmed }: Pick<CredentialRecord, "current" | "confirmed">,
  { token, current }: Pick<Input, "token" | "current">,
  known: CredentialRecord | undefined,
): boolean {
  if (token !== current.versionId) return promoted?.versionId !== known?.current?.versionId;
  // Of a secret that Keyturn has not turned yet, nothing was overtaken.
  const versions = [promoted, confirmed].flatMap((one) => one?.versionId ?? []);
  return versions.length > 0 && !versions.includes(token);
}

/** Whether the labels do not say otherwise: who has just promoted a version may not see it yet. */
async function isInForce(
  { name, current, predecessor }: CredentialRecord,
  token: string,
  at: number,
  secrets: NeighboursOf<typeof contract>["secrets"],
): Promise<boolean> {
  const label = (await secrets.stages(name))?.current;
  return label === token || (label === predecessor?.versionId && at - (current?.since ?? 0) < LAG_MS);
}
