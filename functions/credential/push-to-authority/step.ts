import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { demandCredential } from "../demand-credential.ts";
import { pendingLogin } from "../pending-login.ts";
import { isStillPending, noLongerPending } from "../still-pending.ts";
import type { contract } from "./contract.ts";

/**
 * Has the authority let the other user in with the pending password. Whether that is to be is asked under the credential's
 * lock, since a state's time-out does not end its function: a call that was held up changes nothing.
 */
export async function pushToAuthority(
  input: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { secrets, authorities } = neighbours;
  const settings = demandCredential(input.secret, neighbours);
  const login = await pendingLogin(input, { secrets, settings });
  const isHonoured = await authorities.of(settings).honour(login, () => isStillPending(input, secrets));
  if (!isHonoured) throw noLongerPending(input);
  return {};
}
