import { isDeepStrictEqual } from "node:util";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { otherUser } from "../../shared/credential-settings.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { alterCredential } from "../alter.ts";
import { demandCredential } from "../demand-credential.ts";
import { judgeUses } from "../judge.ts";
import { lookAgainInSeconds } from "../look-again.ts";
import { lookAtUses } from "../look-at-uses.ts";
import type { CredentialRecord } from "../record.ts";
import { keptSightings, lastSightings } from "../sightings.ts";
import type { contract } from "./contract.ts";

/** For how long the labels may still show what was so before a promotion. */
const LAG_MS = 60_000;

/** Looks who uses the two users, notes in the record when each was seen last, and judges who has moved. */
export async function readUses(
  { secret, token, current, other, waits }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { credentials, secrets, now, credentialSettings } = neighbours;
  const credential = demandCredential(secret, { credentialSettings });
  const versions = { current, other };
  const seen = await lookAtUses({ credential, versions, record: await credentials.find(secret) }, neighbours);

  const at = now();
  const former = other.user;
  const record = await alterCredential(
    secret,
    (before) => {
      const sightings = keptSightings(lastSightings(before.sightings, seen), { now: at, former, credential });
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
    behind,
    unannounced: stuck.filter(({ consumer }) => !announced.includes(consumer)),
    moved,
    late: since !== undefined && at >= since + credential.deadlineSeconds * 1000,
    superseded: !isAwaited(record, token) || !(await isInForce(record, token, at, secrets)),
    againInSeconds: lookAgainInSeconds({ waits, now: at, since, quietUntil, endsAt: life?.to }, credential),
  };
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
