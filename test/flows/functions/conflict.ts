/** Stands in for verify-hash: a second writer is about. */
export async function handler(): Promise<unknown> {
  return { verdict: "CONFLICT", lastProofAt: Date.now() };
}
