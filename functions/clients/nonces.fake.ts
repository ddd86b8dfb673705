import { createHmac } from "node:crypto";
import { nonceMessage } from "../../protocol/index.ts";
import type { Nonces } from "./nonces.ts";

/** Nonces under a key in memory. */
export function fakeNonces(random: (bytes: number) => Buffer): Nonces {
  const key = random(32);
  return { compute: async (name) => createHmac("sha256", key).update(nonceMessage(name)).digest("hex") };
}
