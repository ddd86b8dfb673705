import type { Audited } from "../record/record.ts";

/** A version of the secret, and the user whose login it holds, or which of the two tokens it is. */
export interface VersionOf {
  versionId: string;
  user: string;
  /** From when to when it is good, where it is a token; milliseconds since 1970. */
  life?: Life;
}

/** For how long a token is good: from when it was asked for to when it ends, in milliseconds since 1970. */
export interface Life {
  from: number;
  to: number;
}

/** That somebody used one of the two users, as it was seen last. All times are milliseconds since 1970. */
export interface Sighting {
  /** As the session called itself, or as the proof says. */
  consumer: string;
  user: string;
  at: number;
  by: "sessions" | "proofs";
  /** From where, as the database saw it. */
  address?: string;
  /** The instance in whose partition the proof lay. */
  ec2InstanceId?: string;
  /** The ARN of the role in whose partition it lay, where the consumer runs on no instance. */
  role?: string;
}

/** What somebody asked for beyond a plain rotation, under the token of that rotation. */
export interface Requested {
  token: string;
  /** Whether consumers that would be locked out are not waited for. */
  force: boolean;
  /** Whether a current credential that the authority refuses is mended by the rotation. */
  heal: boolean;
  at: number;
  requestedBy?: string;
  reason?: string;
}

/**
 * What Keyturn remembers of a credential. The values are in Secrets Manager, and where and whom is in the settings. All
 * times are milliseconds since 1970.
 */
export interface CredentialRecord extends Audited {
  /** The secret's name. */
  name: string;
  /** The version that was promoted last by Keyturn, and the name of the execution; none before its first rotation. */
  current?: VersionOf & { since: number; execution: string };
  /** The one before it, for as long as its user may log in or has a password. */
  predecessor?: VersionOf & {
    /** Since when he may not log in; his password goes a quiet time later. */
    shutAt?: number;
    /** The consumers of which the bus was told that they are behind. */
    announced: string[];
    /** It is a token, and somebody has asked for its end at once: its consumers are not waited for. */
    forced?: true;
    /** Where the watch has gone on with it: from when on it does so again. */
    tryAt?: number;
  };
  /** The version that the authority has accepted last: it is about to be promoted, or was. */
  confirmed?: VersionOf & {
    at: number;
    /** The version before it, where somebody may hold it whom the authority lets in. */
    former?: VersionOf;
  };
  /**
   * The versions for which a token was asked for, oldest first, until they are retired: also one that was given up, whose token
   * may be honoured though nobody holds it.
   */
  issued?: string[];
  /** Of those, by the API key in which secret each was asked for last, by the version's ID. */
  madeBy?: Record<string, string>;
  /** What was asked for lately, oldest first. */
  requested: Requested[];
  /** The last sighting of each consumer with each user, at each address. */
  sightings: Sighting[];
  /** Since when the watch looks for each consumer that the settings name. */
  lookedFor?: Record<string, number>;
  /** A version that the watch has seen pending though no execution was ever started for it, and since when. */
  unbegun?: { versionId: string; since: number };
  /** The versions that the watch has begun to turn because their token was refused, and when first; the last few, oldest first. */
  refused?: { versionId: string; at: number }[];
  /** Since when rotations fail, and from when on the watch asks for one again. */
  failing?: { since: number; nextTryAt: number; what: string; execution: string };
  /** The name of the last execution whose failure has its audit line: it has one, however often it is told. */
  failedIn?: string;
  /** Counts the writes. */
  version: number;
}

/** With what the key of a credential's item begins, which so has no instance ID's form; its secret's name is the rest. */
export const CREDENTIAL_ITEM = "credential#";

/** A record before anything has happened. */
export function newRecord(name: string): Omit<CredentialRecord, "version"> {
  return { name, requested: [], sightings: [] };
}
