import { FORMS } from "../protocol/index.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Credential } from "./credential.ts";
import { followSecret, type Version } from "./followed-secret.ts";
import type { ProofWriter } from "./proof-writer.ts";
import type { SecretSource } from "./secret-source.ts";
import { useProofs } from "./use-proofs.ts";

export interface FollowOptions {
  /** Where the secret is read. */
  source: SecretSource;
  /** The name by which this application is known; it tells the same one to the database as its `application_name`. */
  consumer: string;
  /** Whether what the application threw means that the authority did not take the credential. */
  isRefusal: (error: unknown) => boolean;
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
export type VersionName = Pick<Version, "secret" | "versionId" | "since">;

type Use<T> = (credential: Credential, version: VersionName) => Promise<T>;

/** A credential that turns, and whoever uses it need not know when. */
export interface FollowedCredential {
  /**
   * Calls `use` with the credential that is to be used now. If `use` throws a refusal, the secret is read anew, and if it
   * has another version by now, `use` is called once more with that. So `use` may be called twice: it should log in first.
   *
   * @returns what `use` returns
   * @throws what `use` throws; a Failure where there is no credential at hand and none can be read
   */
  withCredential<T>(use: Use<T>): Promise<T>;
  /** Waits for proofs under way, some seconds at the most, and lets connections go. */
  close(): Promise<void>;
}

const CACHE_MS = 5 * 60_000;
const PROOF_INTERVAL_MS = 60_000;

/**
 * Follows one credential, for a whole process: all of its connections share one cache, so that the secret is read at most
 * once a second, whatever happens.
 *
 * @throws TypeError that names an option that has not its form
 */
export function followCredential(options: FollowOptions): FollowedCredential {
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

  const secret = followSecret({ source, cacheMs, clock, fraction, tell: say });
  const proofs = writer && useProofs({ writer, consumer, intervalMs, clock, tell: say });

  /** A log that fails is no reason to stop what it is told of. */
  function say(sentence: string): void {
    try {
      tell(sentence);
    } catch {
      // There is nobody else to tell.
    }
  }

  async function useOf<T>(version: Version, use: Use<T>): Promise<T> {
    const { secret, versionId, since, credential } = version;
    const result = await use(credential, { secret, versionId, since });
    proofs?.note(version);
    return result;
  }

  return {
    async withCredential(use) {
      const first = await secret.current();
      try {
        return await useOf(first, use);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const other = await secret.anew(first);
        if (other === undefined) throw error;
        return await useOf(other, use);
      }
    },
    async close() {
      await proofs?.settled();
      writer?.close();
      source.close();
    },
  };
}
