import { AUTHORITY_ERRORS } from "../../clients/authority.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { type DatabaseCredential, keyOf, otherUser, type TokenCredential } from "../../shared/credential-settings.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { utc } from "../../telling/time.ts";
import { alterCredential } from "../alter.ts";
import { demandCredential } from "../demand-credential.ts";
import { isHeld, isSameToken } from "../is-held.ts";
import { makerOfNext, withIssued } from "../issued.ts";
import { pendingLogin } from "../pending-login.ts";
import type { CredentialRecord, Life } from "../record.ts";
import { readLogin, writeToken } from "../secret-value.ts";
import { isStillPending, noLongerPending } from "../still-pending.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/** An end is counted from before a token was asked for, which may take as long, and lifetimes are said in whole seconds. */
const UNCERTAIN_MS = 60_000;

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
 *
 * It is asked for by the key that has not made the current one, whichever the settings name first by now. Where that one is refused
 * and the current token serves nobody, the other one gives it: two keys are to be more than one.
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
  const before = readLogin(former, settings);
  const record = await credentials.find(secret);
  const issuer = authorities.issuerOf(settings);
  const from = now();
  // Where a key has one token, another one would end that of a value that was put meanwhile.
  const isWanted = async () => (await isStillPending(input, secrets)) && !(await hasValue());
  const issueBy = async (maker: string) => {
    const key = keyOf(settings, maker);
    await alterCredential(secret, (known) => (isNoted(known, token, key) ? undefined : withIssued(known, token, key)), {
      credentials,
    });
    return issuer.issue(maker, isWanted);
  };
  /** Whether the current token serves nobody any more, so that its own key may be asked for another one. */
  const isOut = async () =>
    record?.current !== undefined &&
    (before === undefined || (await issuer.accepts(before)).some(({ says }) => says === "REFUSED"));
  let maker = makerOfNext(record ?? {}, input, settings);
  const issued = await issueBy(maker).catch(async (error: unknown) => {
    if (!(error instanceof StepError) || error.name !== AUTHORITY_ERRORS.keyRefused) throw error;
    if (settings.keys.length === 1 || !(await isOut())) throw error;
    maker = otherUser(settings, maker);
    return issueBy(maker);
  });
  if (issued === undefined) {
    if (await isStillPending(input, secrets)) return;
    throw noLongerPending(input);
  }
  /** Named by its key, for the issuer. */
  const login = { user: maker, password: issued.token };
  const life = { from, to: from + (issued.lifetimeSeconds ?? settings.lifetimeSeconds) * 1000 };
  if (isSameToken(before, issued.token)) throw givenAgain(input);
  // It may have been given before, and be in use: then it is the issuer's only one of that key, and stays.
  const isFree = async () => !(await isHeld(secret, login, settings, secrets));
  if (endsSooner(life, input, record) && !(await isOut())) {
    await issuer.revoke(login, isFree);
    throw noGain(life, input);
  }
  const answer = await secrets
    .putPending(secret, token, writeToken({ ...login, user: other.user }, life, former))
    .catch(async (error) => {
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

function isNoted(
  { issued = [], madeBy = {} }: Pick<CredentialRecord, "issued" | "madeBy">,
  token: string,
  key: string,
) {
  return issued.includes(token) && madeBy[token] === key;
}

/**
 * Whether a token ends before the current one does, whose end nobody asked for. The former one always ends first, so that nobody who
 * has moved is worse off.
 */
function endsSooner(life: Life, { token, current }: Input, record: CredentialRecord | undefined): boolean {
  const inForce = record?.current?.versionId === current.versionId ? record.current.life : undefined;
  const isForced = record?.requested.some((one) => one.token === token && one.force);
  return inForce !== undefined && life.to + UNCERTAIN_MS < inForce.to && !isForced;
}

function noGain({ to }: Life, { secret }: Input): StepError {
  const what = `The issuer gives a token that ends at ${utc(to)}, sooner than the one in ${secret} does, so nothing is turned.`;
  const todo = "Find out why it gives tokens for so short a time.";
  return new StepError(AUTHORITY_ERRORS.answerUnfit, `${what} ${todo}`);
}

/** To turn to the token that is in force is no turn, and to revoke the former one would end it. */
function givenAgain({ secret, other }: Input): StepError {
  const what = `The issuer gives for ${other.user} the very token that ${secret} holds already, so nothing is turned.`;
  const todo = `It may give a key the same one until that ends: then it takes two keys, and "tokensPerKey": "one".`;
  return new StepError(AUTHORITY_ERRORS.answerUnfit, `${what} ${todo}`);
}
