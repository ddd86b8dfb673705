import { createHash } from "node:crypto";

/** Draws numbers from 0 up to 1 that look random and that only the seed decides. */
export function seeded(seed: string | number): () => number {
  let count = 0;
  return () => {
    count += 1;
    return createHash("sha256").update(`${seed}/${count}`).digest().readUIntBE(0, 6) / 2 ** 48;
  };
}

/** The seeds to run: the given ones, or as many as the environment variable KEYTURN_SEEDS asks for. */
export function seedsToRun(usual: readonly number[]): number[] {
  const more = Number(process.env.KEYTURN_SEEDS ?? 0);
  return more > 0 ? Array.from({ length: more }, (_, n) => n + 1) : [...usual];
}
