import type { Issuer } from "../../clients/issuer.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { DatabaseCredential, TokenCredential } from "../../shared/credential-settings.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { demandCredential } from "../demand-credential.ts";
import { pendingLogin } from "../pending-login.ts";
import { readLogin, writeToken } from "../secret-value.ts";
import { isStillPending, noLongerPending } from "../still-pending.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/**
 * Has the authority honour the pending version: a database lets the other user in with its password, and an issuer gives the
 * other token. Whether that is to be is asked immediately before, since a state's time-out does not end its function: a call
 * that was held up changes nothing.
 */
export async function pushToAuthority(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const settings = demandCredential(input.secret, neighbours);
  await (settings.kind === "token"
    ? pushToIssuer(input, settings, neighbours)
    : pushToDatabase(input, settings, neighbours));
  return {};
}

async function pushToDatabase(
  input: Input,
  settings: DatabaseCredential,
  { secrets, authorities }: Neighbours,
): Promise<void> {
  const login = await pendingLogin(input, { secrets, settings });
  const isHonoured = await authorities.of(settings).honour(login, () => isStillPending(input, secrets));
  if (!isHonoured) throw noLongerPending(input);
}

/**
 * Has a token issued, and keeps it as the pending version's value before anybody hears of it. A version has one value, ever:
 * where an earlier try has put one, none is asked for. One that is issued and cannot be kept is revoked, as nobody can hold it.
 */
async function pushToIssuer(input: Input, settings: TokenCredential, neighbours: Neighbours): Promise<void> {
  const { secrets, authorities, now } = neighbours;
  const { secret, token, current, other } = input;
  const issuer = authorities.issuerOf(settings);
  if ((await secrets.read(secret, token)) === undefined) {
    const former = await secrets.read(secret, current.versionId);
    const from = now();
    const issued = await issuer.issue(other.user, () => isStillPending(input, secrets));
    if (issued === undefined) throw noLongerPending(input);
    const login = { user: other.user, password: issued.token };
    const life = { from, to: from + (issued.lifetimeSeconds ?? settings.lifetimeSeconds) * 1000 };
    const answer = await secrets.putPending(secret, token, writeToken(login, life, former));
    if (answer !== "put") await issuer.revoke(login, async () => true);
    if (answer === "not-pending") throw noLongerPending(input);
  }
  await endForgotten(input, { settings, issuer }, neighbours);
}

/**
 * Each of the two has one token, whatever the issuer allows: one before that nobody has retired yet, which is so in an incident
 * alone, would be remembered by nobody from here on.
 */
async function endForgotten(
  input: Input,
  { settings, issuer }: { settings: TokenCredential; issuer: Issuer },
  { secrets, credentials }: Neighbours,
): Promise<void> {
  const { secret, other } = input;
  const { predecessor } = (await credentials.find(secret)) ?? {};
  if (settings.tokensPerKey === "one" || predecessor?.user !== other.user) return;
  const login = readLogin(await secrets.read(secret, predecessor.versionId), settings);
  if (login === undefined) return;
  await issuer.revoke(login, () => isStillPending(input, secrets));
}
