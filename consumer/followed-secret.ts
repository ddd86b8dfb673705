import { type Clock, within } from "./clock.ts";
import { Failure, wordsOf } from "./failure.ts";
import type { SecretRead, SecretSource } from "./secret-source.ts";

/** What a secret holds, and what of it is to be known for following it. */
export interface Kind<Value> {
  /**
   * @param secret the secret's name, for messages
   * @throws Failure where the text holds none; no value stands in it
   */
  read(text: string, secret: string): Value;
  /** What the authority is shown, by which a use is proved. */
  word(value: Value): string;
  /** When it ends by itself, in milliseconds since 1970; undefined for never, and where nobody says. */
  endsAt(value: Value): number | undefined;
}

/** A version of a secret, as this process has it. */
export interface Version<Value> {
  /** The secret's name. */
  secret: string;
  versionId: string;
  /** When this process first had it, in milliseconds since 1970. */
  since: number;
  value: Value;
}

/** A secret that is followed: read, kept for a while, and read anew when it is refused. */
export interface FollowedSecret<Value> {
  /**
   * The version to use now. Within the cache time it is the one at hand. After it, and when its own end is near, the secret is
   * read, which all callers share; while that takes long, or fails, the one at hand serves on.
   *
   * @throws Failure only while there is none at hand and none can be read
   */
  current(): Promise<Version<Value>>;
  /**
   * To be called when the authority has refused a version: the one to use in its place, after a read if there is no other
   * at hand. Undefined where the current version is still the refused one, or cannot be read.
   */
  anew(refused: Version<Value>): Promise<Version<Value> | undefined>;
}

export interface FollowedSecretOptions<Value> {
  source: SecretSource;
  kind: Kind<Value>;
  /** How long a version is used without asking whether there is another, in milliseconds; 0 asks at each use. */
  cacheMs: number;
  clock: Clock;
  /** A number of at least 0 and below 1, as Math.random gives. */
  fraction: () => number;
  /**
   * Told once when the secret cannot be read any more though a version of it is at hand, and once when it can again; and once
   * of a version that has ended while there is no other.
   */
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

/**
 * How long before its own end a version is asked after, at the most: as far as two clocks may be apart. Of what ends sooner it
 * is half of what is left, so that a short life is no reason to ask each second.
 */
const MARGIN_MS = 60_000;

/** Follows one secret; a process makes one of these for it. */
export function followSecret<Value>(options: FollowedSecretOptions<Value>): FollowedSecret<Value> {
  const { source, kind, cacheMs, clock, fraction, tell } = options;
  let held: Version<Value> | undefined;
  /** When it ends by itself, by the clock that goes on evenly. */
  let endsAt = Number.POSITIVE_INFINITY;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let readAgainAt = Number.NEGATIVE_INFINITY;
  /** Why the last read came to nothing; undefined if it did not. */
  let failure: Failure | undefined;
  /** Whether it was told that reads fail. */
  let isTold = false;
  let reading: Promise<void> | undefined;
  /** Whether that read has begun, and does not still wait until it may. */
  let hasBegun = false;
  /** The version of which it was told that it has ended. */
  let toldOfEnd: string | undefined;
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
      const taken = take(await readInTime());
      const now = clock.monotonic();
      const left = (kind.endsAt(taken.value) ?? Number.POSITIVE_INFINITY) - clock.now();
      endsAt = now + left;
      freshUntil = Math.min(
        begun + cacheMs * (1 - CACHE_JITTER * fraction()),
        now + Math.max(left - MARGIN_MS, left / 2),
      );
      failure = undefined;
      if (isTold) tell(`The secret ${taken.secret} can be read again.`);
      isTold = false;
      if (left <= 0) tellOfEnd(taken);
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

  function take({ secret, versionId, text }: SecretRead): Version<Value> {
    if (held?.versionId === versionId && held.secret === secret) return held;
    held = { secret, versionId, since: clock.now(), value: kind.read(text, secret) };
    return held;
  }

  /** It is used all the same: whether it is accepted, its authority says, and this clock may be wrong. */
  function tellOfEnd({ secret, versionId }: Version<Value>): void {
    if (toldOfEnd === versionId) return;
    toldOfEnd = versionId;
    tell(
      `What the secret ${secret} holds has ended by its own time, and there is no other. It is used on, and the secret is read again.`,
    );
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
      const hasEnded = clock.monotonic() >= endsAt;
      const under = read();
      // What has ended serves nobody. While reads fail nobody waits for the next one.
      if (failure === undefined) await (hasEnded ? under : within(clock, PATIENCE_MS, under));
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
