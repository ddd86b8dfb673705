import { sameSecret, type Use, useProof } from "../../protocol/index.ts";
import type { Authorities } from "../clients/authorities.ts";
import { type Login, OWN_NAME, type Use as Session } from "../clients/authority.ts";
import type { Secrets } from "../clients/secrets.ts";
import type { Uses } from "../clients/uses.ts";
import { type CredentialSettings, otherUser } from "../shared/credential-settings.ts";
import { printable } from "../shared/printable.ts";
import type { CredentialRecord, Sighting } from "./record.ts";
import { readLogin } from "./secret-value.ts";
import { keptForMs } from "./sightings.ts";
import type { Versions } from "./versions.ts";

/** As long as PostgreSQL lets a session's name be; others let it be longer. */
const LONGEST_NAME = 63;
/** What a session without a name is called here. No consumer can be named so. */
const NO_NAME = "(no name)";

/**
 * Who uses the two users: now, as each server of the authority shows its sessions, and lately, as use proofs in the time
 * series show it. What proves nothing is passed over, unless it may hide what does; and so is whoever uses the user in force by a session from before his
 * version was set: that one may go by a password of long ago.
 *
 * One look at each server, the reads of the time series, and one read of each of the two versions of which there is a proof.
 *
 * @returns unmerged, in no order
 * @throws StepError of `AUTHORITY_ERRORS`, and TooManyUses
 */
export async function lookAtUses(
  {
    credential,
    versions,
    record,
  }: {
    credential: CredentialSettings;
    versions: Versions;
    record: Pick<CredentialRecord, "current" | "confirmed"> | undefined;
  },
  neighbours: { secrets: Secrets; authorities: Authorities; uses: Uses; now: () => number; skewMs: number },
): Promise<Sighting[]> {
  const { secrets, authorities, uses, now, skewMs } = neighbours;
  const sessions = credential.kind === "token" ? [] : await authorities.of(credential).usesOf(credential.users);
  const at = now();
  const userInForce = otherUser(credential, versions.other.user);
  const isOfBefore = ({ user, since }: Session) => user === userInForce && since < setAt(userInForce, record) - skewMs;
  const bySessions = sessions
    .filter((session) => session.application !== OWN_NAME && !isOfBefore(session))
    .map((session) => sightingBySession(session, at));

  const proofs = await uses.of(credential.name, { from: at - keptForMs(credential), to: at + skewMs });
  const logins = new Map<string, Login>();
  for (const versionId of new Set([versions.current.versionId, versions.other.versionId])) {
    if (versionId === undefined || !proofs.some((proof) => proof.versionId === versionId)) continue;
    const login = readLogin(await secrets.read(credential.name, versionId), credential);
    if (login !== undefined) logins.set(versionId, login);
  }
  const byProofs = proofs.flatMap((proof) => {
    const login = logins.get(proof.versionId);
    // A false one may stand where an honest one lay: it holds the former user's retirement up, and proves nothing else.
    const mayHide = uses.canHide && proof.versionId === versions.other.versionId;
    return login !== undefined && (mayHide || isProved(proof, login)) ? [sightingByProof(proof, login)] : [];
  });
  return [...bySessions, ...byProofs];
}

/** Since when a user in force has the password that he has; of old, where it is not known. */
function setAt(user: string, record: Pick<CredentialRecord, "current" | "confirmed"> | undefined): number {
  const { current, confirmed } = record ?? {};
  if (current?.user !== user) return 0;
  return confirmed?.versionId === current.versionId ? Math.min(confirmed.at, current.since) : current.since;
}

/** What a session calls itself is up to whoever opened it. */
function sightingBySession({ user, application, address }: Session, at: number): Sighting {
  const consumer = printable(application.slice(0, LONGEST_NAME)) || NO_NAME;
  return { consumer, user, at, by: "sessions", ...(address !== undefined && { address }) };
}

function sightingByProof({ consumer, timeMs, ec2InstanceId, role }: Use, { user }: Login): Sighting {
  return { consumer, user, at: timeMs, by: "proofs", ...(role === undefined ? { ec2InstanceId } : { role }) };
}

function isProved({ secret, versionId, consumer, timeMs, proof }: Use, { password }: Login): boolean {
  return sameSecret(proof, useProof({ credential: password, secret, versionId, consumer, timeMs }));
}
