import { createHash } from "node:crypto";

/** A fault on demand: says of the n-th event whether it is delivered twice, as EventBridge may; the seed decides. */
export function doublingBySeed(seed: string | number, share: number): () => boolean {
  let count = 0;
  return () => {
    count += 1;
    const draw = createHash("sha256").update(`${seed}/double/${count}`).digest().readUIntBE(0, 6) / 2 ** 48;
    return draw < share;
  };
}
