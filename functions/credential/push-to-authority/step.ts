import { AUTHORITY_ERRORS } from "../../clients/authority.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { type DatabaseCredential, keyOf, type TokenCredential } from "../../shared/credential-settings.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { alterCredential } from "../alter.ts";
import { demandCredential } from "../demand-credential.ts";
import { isHeld, isSameToken } from "../is-held.ts";
import { withIssued } from "../issued.ts";
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
 * where an earlier try has put one, none is asked for. That it was asked for is noted before, so that whoever retires ends it,
 * too, should the version be given up. One that is issued and cannot be kept is revoked, as nobody can hold it, unless the issuer
 * had given it before.
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
  if (isSameToken(readLogin(former, settings), issued.token)) throw givenAgain(input, settings);
  // It may have been given before, and be in use: then it is the issuer's only one of that key, and stays.
  const isFree = async () => !(await isHeld(secret, login, settings, secrets));
  const answer = await secrets.putPending(secret, token, writeToken(login, life, former)).catch(async (error) => {
    // Unless it was put all the same, nobody could name it any more. What failed first is what is told.
    const isLost = async () => !(await hasValue()) && (await isFree());
    await issuer.revoke(login, isLost).catch(() => undefined);
    throw error;
  });
  // The other value may not be to be seen yet, and be the same token.
  if (answer === "other") await issuer.revoke(login, async () => (await hasValue()) && (await isFree()));
  if (answer !== "not-pending") return;
  await issuer.revoke(login, isFree);
  throw noLongerPending(input);
}

/** To turn to the token that is in force is no turn, and to revoke the former one would end it. */
function givenAgain({ secret, other }: Input, settings: TokenCredential): StepError {
  const what = `The issuer gives for ${other.user} the very token that ${secret} holds already, so nothing is turned.`;
  const todo = `It may give a key the same one until that ends: then it takes two keys, and "tokensPerKey": "one".`;
  return new StepError(
    AUTHORITY_ERRORS.answerUnfit,
    `${what} ${todo} It was made by the key in ${keyOf(settings, other.user)}.`,
  );
}
