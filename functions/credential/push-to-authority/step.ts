import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { DatabaseCredential, TokenCredential } from "../../shared/credential-settings.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { alterCredential } from "../alter.ts";
import { demandCredential } from "../demand-credential.ts";
import { withIssued } from "../issued.ts";
import { pendingLogin } from "../pending-login.ts";
import { writeToken } from "../secret-value.ts";
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
 * where an earlier try has put one, none is asked for. That it was asked for is noted before, so that whoever retires ends it,
 * too, should the version be given up. One that is issued and cannot be kept is revoked, as nobody can hold it.
 */
async function pushToIssuer(
  input: Input,
  settings: TokenCredential,
  { secrets, credentials, authorities, now }: Neighbours,
): Promise<void> {
  const { secret, token, current, other } = input;
  const hasValue = async () => (await secrets.read(secret, token)) !== undefined;
  if (await hasValue()) return;
  const former = await secrets.read(secret, current.versionId);
  await alterCredential(secret, (record) => (record.issued?.includes(token) ? undefined : withIssued(record, token)), {
    credentials,
  });
  const issuer = authorities.issuerOf(settings);
  const from = now();
  // Where a key has one token, another one would end that of a value that was put meanwhile.
  const isWanted = async () => (await isStillPending(input, secrets)) && !(await hasValue());
  const issued = await issuer.issue(other.user, isWanted);
  if (issued === undefined) {
    if (await isStillPending(input, secrets)) return;
    throw noLongerPending(input);
  }
  const login = { user: other.user, password: issued.token };
  const life = { from, to: from + (issued.lifetimeSeconds ?? settings.lifetimeSeconds) * 1000 };
  const answer = await secrets.putPending(secret, token, writeToken(login, life, former));
  if (answer !== "put") await issuer.revoke(login, async () => true);
  if (answer === "not-pending") throw noLongerPending(input);
}
