import { type Clock, within } from "./clock.ts";
import { type Credential, readCredential } from "./credential.ts";
import { Failure, wordsOf } from "./failure.ts";
import type { SecretRead, SecretSource } from "./secret-source.ts";

/** A version of a secret, as this process has it. */
export interface Version {
  /** The secret's name. */
  secret: string;
  versionId: string;
  /** When this process first had it, in milliseconds since 1970. */
  since: number;
  credential: Credential;
}

/** A secret that is followed: read, kept for a while, and read anew when it is refused. */
export interface FollowedSecret {
  /**
   * The version to use now. Within the cache time it is the one at hand. After it, the secret is read, which all callers
   * share; while that takes long, or fails, the one at hand serves on.
   *
   * @throws Failure only while there is none at hand and none can be read
   */
  current(): Promise<Version>;
  /**
   * To be called when the authority has refused a version: the one to use in its place, after a read if there is no other
   * at hand. Undefined where the current version is still the refused one, or cannot be read.
   */
  anew(refused: Version): Promise<Version | undefined>;
}

export interface FollowedSecretOptions {
  source: SecretSource;
  /** How long a version is used without asking whether there is another, in milliseconds; 0 asks at each use. */
  cacheMs: number;
  clock: Clock;
  /** A number of at least 0 and below 1, as Math.random gives. */
  fraction: () => number;
  /** Told once when the secret cannot be read any more though a version of it is at hand, and once when it can again. */
  tell: (sentence: string) => void;
}

/**
 * The least time between two reads, whoever asks. Up to as much again is drawn on top, so that processes which were refused at
 * the same moment do not come at the same moment for ever.
 */
const APART_MS = 1_000;

/** Of the cache time, up to this share is drawn off: processes that were started together then ask apart. */
const CACHE_JITTER = 0.1;

/** How long a use waits for a read while there is a version at hand. */
const PATIENCE_MS = 1_000;

/** How long a read may take: one that never ends must not be waited for by everybody for ever. */
const READ_MS = 10_000;

/** Follows one secret; a process makes one of these for it. */
export function followSecret({ source, cacheMs, clock, fraction, tell }: FollowedSecretOptions): FollowedSecret {
  let held: Version | undefined;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let readAgainAt = Number.NEGATIVE_INFINITY;
  /** Why the last read came to nothing; undefined if it did not. */
  let failure: Failure | undefined;
  /** Whether it was told that reads fail. */
  let isTold = false;
  let reading: Promise<void> | undefined;
  /** Whether that read has begun, and does not still wait until it may. */
  let hasBegun = false;
  /** The version that was refused, and was still the current one when it was looked again. */
  let confirmed: string | undefined;

  /** Reads, or joins whoever does. It comes to its end in any case, and never throws. */
  function read(): Promise<void> {
    reading ??= readOnce().finally(() => {
      reading = undefined;
      hasBegun = false;
    });
    return reading;
  }

  async function readOnce(): Promise<void> {
    const wait = readAgainAt - clock.monotonic();
    if (wait > 0) await clock.sleep(wait);
    hasBegun = true;
    const begun = clock.monotonic();
    readAgainAt = begun + APART_MS * (1 + fraction());
    try {
      take(await readInTime());
      freshUntil = begun + cacheMs * (1 - CACHE_JITTER * fraction());
      failure = undefined;
      if (isTold) tell(`The secret ${held?.secret} can be read again.`);
      isTold = false;
    } catch (error) {
      // As long as there is none at hand, whoever asks is told.
      if (held !== undefined && !isTold) {
        tell(`${wordsOf(error).replace(/\.$/, "")}. The version at hand is used on, and the secret is read again.`);
        isTold = true;
      }
      failure = error instanceof Failure ? error : new Failure(wordsOf(error));
    }
  }

  async function readInTime(): Promise<SecretRead> {
    const answer = source.read();
    if (await within(clock, READ_MS, answer)) return answer;
    // What comes of it later is nobody's any more.
    answer.catch(() => {});
    throw new Failure(`The secret could not be read: no answer within ${READ_MS / 1000} s.`);
  }

  function take({ secret, versionId, text }: SecretRead): void {
    if (held?.versionId === versionId && held.secret === secret) return;
    held = { secret, versionId, since: clock.now(), credential: readCredential(text, secret) };
  }

  /** Whether a read is under way, or may begin now. */
  const mayRead = () => hasBegun || clock.monotonic() >= readAgainAt;

  return {
    async current() {
      if (held !== undefined && clock.monotonic() < freshUntil) return held;
      if (held === undefined) {
        if (failure === undefined || mayRead()) await read();
        if (held === undefined) throw failure ?? new Failure("The secret could not be read.");
        return held;
      }
      if (!mayRead()) return held;
      const under = read();
      // While reads fail nobody waits for the next one.
      if (failure === undefined) await within(clock, PATIENCE_MS, under);
      return held;
    },

    async anew(refused) {
      const other = () => (held?.versionId === refused.versionId ? undefined : held);
      if (other() !== undefined) return other();
      // It was looked just now, and nothing else is to be had: whoever waits for an answer gets it at once.
      if (confirmed === refused.versionId && !mayRead()) return undefined;
      await read();
      confirmed = failure === undefined && other() === undefined ? refused.versionId : undefined;
      return other();
    },
  };
}
