import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** For how long a key that was made inactive may still be honoured somewhere, and a session be drawn with it. */
const IAM_LAGS_MS = 60_000;

/** Denies everything to the sessions of the key's user: those from before now, and those that IAM's lag lets come after it. */
export async function denySessions(
  { user, before }: InputOf<typeof contract>,
  { accessKeys, journal }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const done = (await accessKeys.denySessions(user, before + IAM_LAGS_MS)) === "gone" ? "GONE" : "SESSIONS_DENIED";
  journal.info("sessions denied", { user, before, done });
  return { done };
}
