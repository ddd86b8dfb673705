import { AUTHORITY_ERRORS } from "../clients/authority.ts";
import type { Oversight } from "../clients/secrets.ts";
import { PART_OF_LIFE } from "../credential/longest-pause.ts";
import type { CredentialRecord } from "../credential/record.ts";
import type { CredentialSettings } from "../shared/credential-settings.ts";
import { TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";
import { outsidersOf } from "./outsiders.ts";
import type { SeenCredential } from "./seen-credential.ts";

type Remembered = Pick<
  CredentialRecord,
  "current" | "confirmed" | "predecessor" | "failing" | "sightings" | "lookedFor"
>;

/** What a look says of one thing that may be wrong with a credential; of what it could not see, it says nothing. */
export interface Judged {
  /** Of which people are told. */
  cause: string;
  /** What is wrong; undefined if nothing is. */
  said: string | undefined;
  /** Whether that may be over in a moment: people are told of it only if the next look says so, too. */
  brief?: boolean;
}

const A_DAY_MS = 24 * 3600 * 1000;
/** What the next look may not meet any more: a database that restarts, a manager in the middle of a turn of his own. */
const BRIEF: string[] = [
  AUTHORITY_ERRORS.unreachable,
  AUTHORITY_ERRORS.managerRefused,
  AUTHORITY_ERRORS.busy,
  TEMPORARILY_UNAVAILABLE,
];
/** More names than that nobody reads. */
const MOST_NAMES = 10;

/**
 * Judges one credential by what was seen of it. Pure.
 *
 * @param oversight as Secrets Manager gives it; undefined where the secret is gone
 * @param moment.account whose secret it is, 12 digits
 * @param moment.rotator the name of Keyturn's rotation function
 * @param moment.movedByOthers the ID of the version that others have made the current one, if they have
 * @throws TypeError when the secret's resource policy cannot be read
 */
export function judgeCredential(
  seen: SeenCredential,
  record: Remembered,
  oversight: Oversight | undefined,
  moment: {
    now: number;
    account: string;
    rotator: string;
    credential: CredentialSettings;
    movedByOthers: string | undefined;
  },
): Judged[] {
  const failed = failedOf(seen);
  if (seen.stages === undefined && seen.failed !== undefined) return failed;
  if (seen.stages === undefined || oversight === undefined) {
    return [{ cause: "SecretDeleted", said: "There is no secret of this name, or it is marked for deletion." }];
  }
  const { movedByOthers, account, rotator, now, credential } = moment;
  const outsiders = oversight.policy === undefined ? [] : outsidersOf(oversight.policy, account);
  return [
    { cause: "SecretDeleted", said: undefined },
    { cause: "RotationSwitchedOff", said: switchedOff(oversight, rotator) },
    {
      cause: "SecretOpened",
      said: outsiders.length === 0 ? undefined : `Its resource policy allows ${namesOf(outsiders)}.`,
    },
    {
      cause: "MovedByOthers",
      said: movedByOthers && `AWSCURRENT is on the version ${movedByOthers}, which Keyturn did not promote.`,
    },
    ...byLogin(seen, record, { movedByOthers, credential }),
    ...byLife(record, credential),
    ...byUses(seen, record, { now, credential }),
    ...failed,
  ];
}

/** Whether Secrets Manager has Keyturn's own function rotate a secret, by whichever of its versions. */
export function isRotatedBy(rotator: string, { rotatedBy = "" }: Oversight): boolean {
  return rotatedBy.split(":")[6] === rotator;
}

function switchedOff(oversight: Oversight, rotator: string): string | undefined {
  if (oversight.rotatedBy === undefined) return "Secrets Manager has no function to rotate it with.";
  if (isRotatedBy(rotator, oversight)) return undefined;
  return `Secrets Manager has ${oversight.rotatedBy} rotate it, which is not ${rotator}.`;
}

/** What the servers say of the current login, or the probe of the current token. */
function byLogin(
  { stages, says, failed }: SeenCredential,
  record: Remembered,
  { movedByOthers, credential }: { movedByOthers: string | undefined; credential: CredentialSettings },
): Judged[] {
  const { current, confirmed } = record;
  const wordsOf = (what: string) =>
    says.filter((one) => one.says === what).map(({ host, words = "" }) => `${host}: ${words}`);
  const [refused, away] = [wordsOf("REFUSED"), wordsOf("UNREACHABLE")];
  // Nobody was asked, and for no other reason: what is current is no login.
  const isNone = says.length === 0 && failed === undefined;
  const wanted = credential.kind === "token" ? "holds no token" : "is no login of one of the two users";
  const none = `The value of the current version ${stages?.current ?? ""} ${wanted}.`;
  const said = isNone ? none : refused.join("; ") || undefined;
  // Of one that was never turned, the stack may have drawn a password that nobody has set yet; and a turn since the look
  // may have set the user anew.
  const known = [current?.versionId, confirmed?.versionId, movedByOthers];
  const isMeant = current !== undefined && known.includes(stages?.current);
  const isJudged = said === undefined ? says.length > 0 && away.length === 0 : isMeant;
  const mismatch: Judged[] = isJudged ? [{ cause: "CredentialMismatch", said }] : [];
  // The manager may not reach what the user does; of that it is told below. An issuer may be away whose API is not.
  const isReached =
    failed?.error !== AUTHORITY_ERRORS.unreachable && (credential.kind !== "token" || !isIssuerMissed(record));
  const isOver = says.length > 0 && away.length === 0 && isReached;
  const unreachable: Judged = { cause: AUTHORITY_ERRORS.unreachable, said: away.join("; ") || undefined, brief: true };
  return away.length > 0 || isOver ? [...mismatch, unreachable] : mismatch;
}

/** Whether something waits for the issuer, which a look does not ask: a turn that it has kept from being made, or a retirement. */
function isIssuerMissed({ failing, predecessor }: Remembered): boolean {
  return failing?.what === AUTHORITY_ERRORS.unreachable || predecessor?.tryAt !== undefined;
}

/**
 * Whether the issuer gives tokens the lifetime that is set, by which the turns were planned. An eighth more or less is the same one:
 * some round it; and some give a key the token once more that it has, when the answer was lost in which it was given first, and say
 * what is left of its life: as much less as was waited before they were asked again, which is an eighth at the most.
 */
function byLife({ current }: Pick<CredentialRecord, "current">, credential: CredentialSettings): Judged[] {
  if (credential.kind === "database" || current?.life === undefined) return [];
  const { lifetimeSeconds } = credential;
  const given = (current.life.to - current.life.from) / 1000;
  const isOther = Math.abs(given - lifetimeSeconds) * PART_OF_LIFE > lifetimeSeconds;
  const said = `The issuer gave the current token for ${Math.round(given)} s; ${lifetimeSeconds} s are set.`;
  return [{ cause: "TokenLifetimeDiffers", said: isOther ? said : undefined }];
}

/** Whom no look has seen for a day in the way that is set for him: he would be behind after the next rotation. */
function byUses(
  { uses }: SeenCredential,
  { sightings, lookedFor = {} }: Pick<CredentialRecord, "sightings" | "lookedFor">,
  { now, credential: { consumers } }: { now: number; credential: CredentialSettings },
): Judged[] {
  if (uses === undefined) return [];
  const lastOf = ({ name, seenBy }: CredentialSettings["consumers"][number]) =>
    sightings
      .filter(({ consumer, by }) => consumer === name && by === seenBy)
      .reduce((last, { at }) => Math.max(last, at), lookedFor[name] ?? now);
  const unseen = consumers.filter((consumer) => now - lastOf(consumer) > A_DAY_MS);
  const names = namesOf(unseen.map(({ name, seenBy }) => `${name} (by ${seenBy})`));
  return [
    {
      cause: "ConsumerUnseen",
      said: unseen.length === 0 ? undefined : `For a day no look has seen ${names}.`,
      brief: true,
    },
  ];
}

function failedOf({ failed }: SeenCredential): Judged[] {
  return failed === undefined
    ? []
    : [{ cause: failed.error, said: failed.said, ...(BRIEF.includes(failed.error) && { brief: true }) }];
}

function namesOf(names: string[]): string {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
