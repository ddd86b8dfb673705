import { readUse, type Use } from "../../protocol/index.ts";
import { StepError } from "../shared/errors.ts";
import { MOST_USES, type Uses } from "./uses.ts";

/** Use proofs in memory: whatever anybody writes, as the stores keep it. */
export function fakeUses(): Uses & { written: unknown[]; write(use: Use): void } {
  const written: unknown[] = [];
  return {
    written,
    write: (use) => void written.push(use),
    async of(secret, { from, to }) {
      const ofSecret = written.filter((one) => (one as Partial<Use> | null)?.secret === secret);
      if (ofSecret.length > MOST_USES) throw tooMany(secret);
      const last = new Map<string, Use>();
      for (const stored of ofSecret) {
        const use = readUse(stored);
        if (use === undefined || use.timeMs < from || use.timeMs > to) continue;
        const key = JSON.stringify([use.ec2InstanceId, use.consumer, use.versionId]);
        if ((last.get(key)?.timeMs ?? -1) <= use.timeMs) last.set(key, use);
      }
      return [...last.values()].sort((a, b) => b.timeMs - a.timeMs);
    },
  };
}

function tooMany(secret: string): StepError {
  return new StepError("TooManyUses", `More than ${MOST_USES} uses of the secret ${secret} lie in the time series.`);
}
