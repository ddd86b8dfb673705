import { readUse, type Use } from "../../protocol/index.ts";
import { demandSecretName, MOST_USES, tooManyUses, type Uses } from "./uses.ts";

export interface FakeUses extends Uses {
  canHide: boolean;
  written: unknown[];
  write(use: Use): void;
}

/**
 * Use proofs in memory: whatever anybody writes, as the stores keep it.
 *
 * @param most how many stored things of a secret are read
 */
export function fakeUses(most = MOST_USES): FakeUses {
  const written: unknown[] = [];
  return {
    canHide: false,
    written,
    write: (use) => void written.push(use),
    async of(secret, { from, to }) {
      demandSecretName(secret);
      // Of each version that a consumer uses on an instance, or with a role, one is kept, the last.
      const last = new Map<string, unknown>();
      for (const stored of written) {
        const { ec2InstanceId, role, consumer, versionId, timeMs, ...other } = (stored ?? {}) as Partial<Use>;
        if (other.secret !== secret || timeMs === undefined || timeMs < from || timeMs > to) continue;
        const key = JSON.stringify([ec2InstanceId, role, consumer, versionId]);
        const before = last.get(key) as Use | undefined;
        if (before === undefined || before.timeMs <= timeMs) last.set(key, stored);
      }
      if (last.size > most) throw tooManyUses(secret, most);
      return [...last.values()].flatMap((stored) => readUse(stored) ?? []).sort((a, b) => b.timeMs - a.timeMs);
    },
  };
}
