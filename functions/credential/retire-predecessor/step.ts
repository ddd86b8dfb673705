import { lineOf } from "../../audit/line.ts";
import type { Authority } from "../../clients/authority.ts";
import type { Secrets } from "../../clients/secrets.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { CredentialSettings } from "../../shared/credential-settings.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { alterCredential, putCredentialLines, withLine } from "../alter.ts";
import { demandCredential } from "../demand-credential.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import type { CredentialRecord } from "../record.ts";
import { readLogin } from "../secret-value.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;
type Unwritten = Omit<CredentialRecord, "version">;

/**
 * Shuts the former user by one stroke. Whether he is the former one still is asked under the credential's lock: a call that
 * was held up must not shut a user who was turned meanwhile. A stroke that was made before is made again, and noted once.
 */
export async function retirePredecessor(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { secrets, credentials, authorities, now, journal } = neighbours;
  const { secret, token, other, stroke } = input;
  const settings = demandCredential(secret, neighbours);

  async function mayBeShut(): Promise<boolean> {
    const stages = await secrets.stages(secret);
    if (stages?.current !== token) return false;
    // Another version that is pending is, or will be, the password of this very user.
    if (stages.pending !== undefined && stages.pending !== token) return false;
    const record = await credentials.find(secret);
    return record !== undefined && isPredecessorIn(record, input);
  }

  const authority = authorities.of(settings);
  if (stroke === "PASSWORD" && (await isLetInAgain(input, settings, { secrets, authority }))) {
    await alterCredential(secret, (before) => letInAgain(before, input), { credentials });
    const why = `Somebody has let ${other.user} in again since he was shut: he is waited for anew.`;
    throw new StepError(CREDENTIAL_ERRORS.letInAgain, why);
  }
  const isShut = await authority.refuse(other.user, stroke, mayBeShut);
  if (!isShut && !(await isOver(input, neighbours))) {
    const why = `${other.user} is not the former user of ${secret} any more: another version is being turned, or was.`;
    throw new StepError(CREDENTIAL_ERRORS.superseded, why);
  }
  const record = await alterCredential(secret, (before) => noted(before, input, now()), { credentials });
  await putCredentialLines(record, neighbours);
  journal.info("retired", { secret, token, user: other.user, stroke });
  journal.count("CredentialRetirement", { stroke });
  return { againInSeconds: secondsUntilNext(record, now(), settings.quietSeconds) };
}

/** Whether the user came before the current version, as the record has it, and none that is confirmed since is his. */
function isPredecessorIn({ current, predecessor, confirmed }: Unwritten, { token, other }: Input): boolean {
  if (confirmed !== undefined && confirmed.versionId !== token) return false;
  return current?.versionId === token && predecessor?.user === other.user;
}

/** Whether the writer lets the former login in, though it was shut: a person has undone that, and is not to be overruled. */
async function isLetInAgain(
  { secret, other }: Input,
  settings: CredentialSettings,
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
function noted(record: Unwritten, input: Input, at: number): Unwritten | undefined {
  const { stroke, token, execution, enteredAt } = input;
  const { predecessor, ...rest } = record;
  if (predecessor === undefined || !isPredecessorIn(record, input)) return undefined;
  if (stroke === "LOGIN" && predecessor.shutAt !== undefined) return undefined;
  const { user, versionId } = predecessor;
  const line = lineOf("retired", enteredAt, { stroke, user, versionId, token, execution });
  return withLine(stroke === "LOGIN" ? { ...record, predecessor: { ...predecessor, shutAt: at } } : rest, line);
}

/** Another quiet time after the first stroke, of which a part may be over where that was made before. */
function secondsUntilNext({ predecessor }: Unwritten, at: number, quietSeconds: number): number {
  const since = at - (predecessor?.shutAt ?? at);
  return Math.max(1, Math.ceil(quietSeconds - since / 1000));
}
