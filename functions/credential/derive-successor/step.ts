import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { demandCredential } from "../demand-credential.ts";
import { drawPassword } from "../draw-password.ts";
import { writeValue } from "../secret-value.ts";
import { noLongerPending } from "../still-pending.ts";
import type { contract } from "./contract.ts";

/**
 * Draws a password for the other user and puts it as the pending version's value. A version has one value, ever: where an
 * earlier try has put one, that is it. A value that is kept before anybody hears of it cannot be lost by a crash.
 * A token is the issuer's to draw, when it is pushed.
 */
export async function deriveSuccessor(
  input: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { secrets, random } = neighbours;
  const { secret, token, current, other } = input;
  const settings = demandCredential(secret, neighbours);
  if (settings.kind === "token") return {};
  const former = await secrets.read(secret, current.versionId);
  const value = writeValue({ user: other.user, password: drawPassword(random) }, settings, former);
  const answer = await secrets.putPending(secret, token, value);
  if (answer === "not-pending") throw noLongerPending(input);
  return {};
}
