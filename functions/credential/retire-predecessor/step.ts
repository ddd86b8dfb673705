import { lineOf } from "../../audit/line.ts";
import type { Authority } from "../../clients/authority.ts";
import type { Secrets } from "../../clients/secrets.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { DatabaseCredential, TokenCredential } from "../../shared/credential-settings.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { alterCredential, putCredentialLines, withLine } from "../alter.ts";
import { demandCredential } from "../demand-credential.ts";
import { endToken, type TokenEnd } from "../end-token.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { isSameToken } from "../is-held.ts";
import { makerOf, remembering } from "../issued.ts";
import type { CredentialRecord } from "../record.ts";
import { readLife, readLogin } from "../secret-value.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;
type Unwritten = Omit<CredentialRecord, "version">;

/** By which stroke a user is shut, or how a token ends. */
type Retired = Input["stroke"] | TokenEnd;

/**
 * Retires the former one: of a database, its user is shut by one stroke; a token is revoked, and then seen refused. Whether it is
 * the former one still is asked immediately before, for a user under the credential's lock: a call that was held up must not end
 * what was turned meanwhile. What was done before is done again, and noted once.
 */
export async function retirePredecessor(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const settings = demandCredential(input.secret, neighbours);
  return settings.kind === "token" ? retireToken(input, settings, neighbours) : retireUser(input, settings, neighbours);
}

async function retireUser(
  input: Input,
  settings: DatabaseCredential,
  neighbours: Neighbours,
): Promise<OutputOf<typeof contract>> {
  const { secrets, credentials, authorities, now } = neighbours;
  const { secret, other, stroke } = input;
  const authority = authorities.of(settings);
  if (stroke === "PASSWORD" && (await isLetInAgain(input, settings, { secrets, authority }))) {
    await alterCredential(secret, (before) => letInAgain(before, input), { credentials });
    const why = `Somebody has let ${other.user} in again since he was shut: he is waited for anew.`;
    throw new StepError(CREDENTIAL_ERRORS.letInAgain, why);
  }
  const isShut = await authority.refuse(other.user, stroke, () => mayBeRetired(input, neighbours));
  if (!isShut && !(await isOver(input, neighbours))) throw notTheFormer(input);
  const record = await note(input, stroke, neighbours);
  return { againInSeconds: secondsUntilNext(record, now(), settings.quietSeconds), over: stroke === "PASSWORD" };
}

/** Ends the former token, and each that was given up before it became current: nobody holds that, and it may be honoured. */
async function retireToken(
  input: Input,
  settings: TokenCredential,
  neighbours: Neighbours,
): Promise<OutputOf<typeof contract>> {
  const { secrets, credentials } = neighbours;
  const { secret, token, other } = input;
  const { predecessor, issued = [], madeBy } = (await credentials.find(secret)) ?? {};
  const former = other.versionId ?? predecessor?.versionId;
  const versions = [...new Set([...(former === undefined ? [] : [former]), ...issued])].filter((one) => one !== token);
  const inForce = readLogin(await secrets.read(secret, token), settings);
  let how: Retired = "LEFT";
  for (const version of versions) {
    const value = await secrets.read(secret, version);
    const login = readLogin(value, settings);
    // Some issuers give a key the same token again: what was given up is the current one then.
    if (inForce !== undefined && isSameToken(login, inForce.password)) continue;
    const life = version === predecessor?.versionId ? predecessor.life : readLife(value);
    const one = { settings, login, maker: makerOf({ ...(madeBy && { madeBy }) }, version, settings), life };
    const ended = await endToken(one, () => mayBeRetired(input, neighbours), neighbours);
    if (ended === undefined && !(await isOver(input, neighbours))) throw notTheFormer(input);
    if (version === former) how = ended ?? "REVOKED";
  }
  await note(input, how, neighbours, versions);
  return { againInSeconds: 1, over: true };
}

/** Whether the labels and the record say still that the version is current and the other one came before it. */
async function mayBeRetired(input: Input, { secrets, credentials }: Neighbours): Promise<boolean> {
  const { secret, token } = input;
  const stages = await secrets.stages(secret);
  if (stages?.current !== token) return false;
  // Another version that is pending is, or will be, the password of this very user.
  if (stages.pending !== undefined && stages.pending !== token) return false;
  const record = await credentials.find(secret);
  return record !== undefined && isPredecessorIn(record, input);
}

function notTheFormer({ secret, other }: Input): StepError {
  const why = `${other.user} is not the former one of ${secret} any more: another version is being turned, or was.`;
  return new StepError(CREDENTIAL_ERRORS.superseded, why);
}

/**
 * Notes what was done, once, with its audit line.
 *
 * @param versions those whose tokens are done with
 */
async function note(
  input: Input,
  how: Retired,
  neighbours: Neighbours,
  versions: readonly string[] = [],
): Promise<CredentialRecord> {
  const { credentials, now, journal } = neighbours;
  const { secret, token, other } = input;
  const done = { ...input, how, versions };
  const record = await alterCredential(secret, (before) => noted(before, done, now()), { credentials });
  await putCredentialLines(record, neighbours);
  journal.info("retired", { secret, token, user: other.user, stroke: how });
  journal.count("CredentialRetirement", { stroke: how });
  return record;
}

/** Whether the user came before the current version, as the record has it, and none that is confirmed since is his. */
function isPredecessorIn({ current, predecessor, confirmed }: Unwritten, { token, other }: Input): boolean {
  if (confirmed !== undefined && confirmed.versionId !== token) return false;
  return current?.versionId === token && predecessor?.user === other.user;
}

/** Whether the writer lets the former login in, though it was shut: a person has undone that, and is not to be overruled. */
async function isLetInAgain(
  { secret, other }: Input,
  settings: DatabaseCredential,
  { secrets, authority }: { secrets: Secrets; authority: Authority },
): Promise<boolean> {
  const value = other.versionId && (await secrets.read(secret, other.versionId));
  const login = value ? readLogin(value, settings) : undefined;
  if (login?.user !== other.user) return false;
  const [writer] = await authority.accepts(login);
  return writer?.says === "ACCEPTED";
}

/** The record once the first stroke is undone: he is to be seen to have been left for the quiet time again. */
function letInAgain(record: Unwritten, input: Input): Unwritten | undefined {
  const { predecessor } = record;
  if (predecessor?.shutAt === undefined || !isPredecessorIn(record, input)) return undefined;
  const { shutAt: _, ...standing } = predecessor;
  return { ...record, predecessor: standing };
}

/** Whether he was retired to the end already, after this very version. */
async function isOver({ secret, token }: Input, { credentials }: Neighbours): Promise<boolean> {
  const record = await credentials.find(secret);
  return record?.current?.versionId === token && record.predecessor === undefined;
}

/** The record once the stroke is made, with its line; undefined where that is noted already. */
function noted(
  record: Unwritten,
  input: Input & { how: Retired; versions: readonly string[] },
  at: number,
): Unwritten | undefined {
  const { how, versions, token, execution, enteredAt } = input;
  const { predecessor, issued, madeBy, ...rest } = record;
  if (predecessor === undefined || !isPredecessorIn(record, input)) return undefined;
  if (how === "LOGIN" && predecessor.shutAt !== undefined) return undefined;
  const { user, versionId } = predecessor;
  const line = lineOf("retired", enteredAt, { stroke: how, user, versionId, token, execution });
  if (how === "LOGIN") return withLine({ ...record, predecessor: { ...predecessor, shutAt: at } }, line);
  const left = issued?.filter((version) => !versions.includes(version));
  return withLine({ ...rest, ...(left && remembering(left, madeBy)) }, line);
}

/** Another quiet time after the first stroke, of which a part may be over where that was made before. */
function secondsUntilNext({ predecessor }: Unwritten, at: number, quietSeconds: number): number {
  const since = at - (predecessor?.shutAt ?? at);
  return Math.max(1, Math.ceil(quietSeconds - since / 1000));
}
