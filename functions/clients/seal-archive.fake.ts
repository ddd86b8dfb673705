import type { Seal } from "../../protocol/index.ts";
import type { SealArchive } from "./seal-archive.ts";

/** An archive in memory, by day. */
export function fakeSealArchive(): SealArchive & { kept: Map<string, { seal: Seal; until: number }> } {
  const kept = new Map<string, { seal: Seal; until: number }>();
  return {
    kept,
    async keep(seal, until) {
      if (kept.has(seal.day)) return false;
      kept.set(seal.day, structuredClone({ seal, until }));
      return true;
    },
  };
}
