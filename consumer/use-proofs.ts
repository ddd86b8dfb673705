import { useProof } from "../protocol/index.ts";
import { type Clock, within } from "./clock.ts";
import { wordsOf } from "./failure.ts";
import type { Kind, Version } from "./followed-secret.ts";
import type { ProofWriter } from "./proof-writer.ts";

/** The proofs of what this process uses. */
export interface UseProofs<Value> {
  /** To be called after each successful use: writes a proof of it if one is due, and keeps nobody waiting. Never throws. */
  note(version: Version<Value>): void;
  /** Waits until what is under way is written, but no longer than some seconds. */
  settled(): Promise<void>;
}

export interface UseProofsOptions<Value> {
  kind: Kind<Value>;
  writer: ProofWriter;
  /** This consumer's name. */
  consumer: string;
  /** The least time between two proofs of one version, in milliseconds. */
  intervalMs: number;
  clock: Clock;
  /** Told once when no proof can be written any more, and once when one can again. */
  tell: (sentence: string) => void;
}

/** After a proof that could not be written, the next use writes one again, but not sooner than this. */
const RETRY_MS = 1_000;

const SETTLING_MS = 5_000;

/** Proves each version for itself: while two are in use, both are seen. */
export function useProofs<Value>(options: UseProofsOptions<Value>): UseProofs<Value> {
  const { kind, writer, consumer, intervalMs, clock, tell } = options;
  /** By version, when its next proof is due, by the clock that goes on evenly. */
  const due = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let failing = false;

  async function write({ secret, versionId, value }: Version<Value>): Promise<void> {
    try {
      const timeMs = Math.floor(clock.now());
      const proof = useProof({ credential: kind.word(value), secret, versionId, consumer, timeMs });
      await writer.write({ secret, versionId, consumer, timeMs, proof });
      if (failing) tell(`Uses of the secret ${secret} are proved again.`);
      failing = false;
    } catch (error) {
      due.set(versionId, clock.monotonic() + Math.min(RETRY_MS, intervalMs));
      if (!failing) tell(`No proof of a use of the secret ${secret} was written: ${wordsOf(error)}`);
      failing = true;
    }
  }

  return {
    note(version) {
      const now = clock.monotonic();
      if (now < (due.get(version.versionId) ?? now)) return;
      // Versions that are not used any more are forgotten.
      for (const [versionId, at] of due) if (at <= now) due.delete(versionId);
      due.set(version.versionId, now + intervalMs);
      const writing = write(version).finally(() => underWay.delete(writing));
      underWay.add(writing);
    },
    async settled() {
      if (underWay.size > 0) await within(clock, SETTLING_MS, Promise.all(underWay));
    },
  };
}
