import { FORMS } from "../protocol/index.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Credential, LOGIN } from "./credential.ts";
import { followSecret, type Kind, type Version } from "./followed-secret.ts";
import type { ProofWriter } from "./proof-writer.ts";
import type { SecretSource } from "./secret-source.ts";
import { TOKEN, type Token } from "./token.ts";
import { useProofs } from "./use-proofs.ts";

export interface FollowOptions {
  /** Where the secret is read. */
  source: SecretSource;
  /** The name by which this application is known; it tells the same one to the database as its `application_name`. */
  consumer: string;
  /**
   * Whether what the application threw means that the authority did not take the credential. Of a token, it is asked of what
   * the application gives back as well, since `fetch` throws for no status.
   */
  isRefusal: (thrown: unknown) => boolean;
  /** Told, in a sentence without any value, what goes wrong and is got over. */
  tell: (sentence: string) => void;
  /**
   * How long a version is used without asking whether there is another: 5 minutes unless said otherwise, 0 for at each use.
   * It must be shorter than the time for which a former version is still honoured after a turn.
   */
  cacheMs?: number;
  /** Where it is proved which version is used; left out where the authority itself sees its consumers. */
  proofs?: {
    writer: ProofWriter;
    /** The least time between two proofs of one version: a minute unless said otherwise. */
    intervalMs?: number;
  };
  clock?: Clock;
  /** A number of at least 0 and below 1, as Math.random gives. */
  fraction?: () => number;
}

/** Which version of the secret a credential is. */
export type VersionName = Pick<Version<unknown>, "secret" | "versionId" | "since">;

type Use<Value, T> = (value: Value, version: VersionName) => Promise<T>;

/** A credential that turns, and whoever uses it need not know when. */
export interface FollowedCredential {
  /**
   * Calls `use` with the credential that is to be used now. If `use` throws a refusal, the secret is read anew, and if it
   * has another version by now, `use` is called once more with that. So `use` may be called twice: it should log in first.
   *
   * @returns what `use` returns
   * @throws what `use` throws; a Failure where there is no credential at hand and none can be read
   */
  withCredential<T>(use: Use<Credential, T>): Promise<T>;
  /** Waits for proofs under way, some seconds at the most, and lets connections go. */
  close(): Promise<void>;
}

/** A token that turns, and whoever uses it need not know when. */
export interface FollowedToken {
  /**
   * Calls `use` with the token that is to be used now. If `use` throws or gives back a refusal, the secret is read anew, and if
   * it has another version by now, `use` is called once more with that. So `use` may be called twice: a request that was refused
   * has done nothing.
   *
   * @returns what `use` returns; where that is a refusal, the refusal
   * @throws what `use` throws; a Failure where there is no token at hand and none can be read
   */
  withToken<T>(use: Use<Token, T>): Promise<T>;
  /** Waits for proofs under way, some seconds at the most, and lets connections go. */
  close(): Promise<void>;
}

const CACHE_MS = 5 * 60_000;
const PROOF_INTERVAL_MS = 60_000;

/**
 * Follows one credential of a database, for a whole process: all of its connections share one cache, so that the secret is read
 * at most once a second, whatever happens.
 *
 * @throws TypeError that names an option that has not its form
 */
export function followCredential(options: FollowOptions): FollowedCredential {
  const { withValue: withCredential, close } = follow(options, { kind: LOGIN, mayReturnRefusal: false });
  return { withCredential, close };
}

/**
 * Follows one API token, for a whole process, as `followCredential` follows a login. The secret is also read anew before the
 * token's own end.
 *
 * @throws TypeError that names an option that has not its form
 */
export function followToken(options: FollowOptions): FollowedToken {
  const { withValue: withToken, close } = follow(options, { kind: TOKEN, mayReturnRefusal: true });
  return { withToken, close };
}

/** What came of a use. */
type Tried<T> = { answer: T; isRefused: boolean } | { error: unknown; isRefused: true };

/** @param of.mayReturnRefusal whether what a use gives back may be a refusal */
function follow<Value>(
  options: FollowOptions,
  { kind, mayReturnRefusal }: { kind: Kind<Value>; mayReturnRefusal: boolean },
) {
  const {
    source,
    consumer,
    isRefusal,
    tell,
    cacheMs = CACHE_MS,
    clock = systemClock,
    fraction = Math.random,
  } = options;
  const { writer, intervalMs = PROOF_INTERVAL_MS } = options.proofs ?? {};
  if (!FORMS.consumer.test(consumer)) {
    throw new TypeError("consumer must be a name of 1 to 63 letters, digits and _ . : @ / + = -");
  }
  if (!(cacheMs >= 0)) throw new TypeError("cacheMs must be milliseconds, 0 or more");
  if (!(intervalMs >= 1000)) throw new TypeError("proofs.intervalMs must be milliseconds, 1000 or more");

  const secret = followSecret({ source, kind, cacheMs, clock, fraction, tell: say });
  const proofs = writer && useProofs({ kind, writer, consumer, intervalMs, clock, tell: say });

  /** A log that fails is no reason to stop what it is told of. */
  function say(sentence: string): void {
    try {
      tell(sentence);
    } catch {
      // There is nobody else to tell.
    }
  }

  /** @throws what `use` throws, unless it is a refusal */
  async function tryWith<T>(version: Version<Value>, use: Use<Value, T>): Promise<Tried<T>> {
    const { secret, versionId, since, value } = version;
    try {
      const answer = await use(value, { secret, versionId, since });
      const isRefused = mayReturnRefusal && isRefusal(answer);
      if (!isRefused) proofs?.note(version);
      return { answer, isRefused };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { error, isRefused: true };
    }
  }

  return {
    async withValue<T>(use: Use<Value, T>): Promise<T> {
      const first = await secret.current();
      let tried = await tryWith(first, use);
      const other = tried.isRefused ? await secret.anew(first) : undefined;
      if (other !== undefined) {
        if ("answer" in tried) letGo(tried.answer);
        tried = await tryWith(other, use);
      }
      if ("error" in tried) throw tried.error;
      return tried.answer;
    },
    async close() {
      await proofs?.settled();
      writer?.close();
      source.close();
    },
  };
}

/** The body of an answer that nobody will read would hold its connection. */
function letGo(answer: unknown): void {
  if (answer instanceof Response) answer.body?.cancel().catch(() => {});
}
