import { type Acting, type Answer, AUTHORITY_ERRORS, type Authority, type Login } from "../../clients/authority.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { CredentialSettings } from "../../shared/credential-settings.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { alterCredential } from "../alter.ts";
import { demandCredential } from "../demand-credential.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { pendingLogin } from "../pending-login.ts";
import type { CredentialRecord, VersionOf } from "../record.ts";
import { isStillPending, noLongerPending } from "../still-pending.ts";
import type { contract } from "./contract.ts";

/**
 * Has every server of the authority let the pending login in, and sees that it acts as the owner. That it was so is noted,
 * since nothing else is promoted: consumers who fetch the version may come to any of the servers.
 */
export async function confirmSuccessor(
  input: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { secrets, credentials, authorities, now } = neighbours;
  const { secret, token, other } = input;
  const settings = demandCredential(secret, neighbours);
  const authority = authorities.of(settings);
  const before = (await credentials.find(secret))?.confirmed?.versionId;
  // What was given up meanwhile is refused, too, and nobody is to be told of that.
  if (!(await isStillPending(input, secrets))) throw noLongerPending(input);
  const login = await pendingLogin(input, { secrets, settings });
  await demandAccepted(login, authority);
  for (const acting of await authority.actsAs(login)) demandOwner(acting, login, settings);
  if (!(await isStillPending(input, secrets))) throw noLongerPending(input);
  const at = now();
  await alterCredential(
    secret,
    (record) => {
      // One that was asked for since is being promoted, or is current: the record is to say so still.
      if (![before, token].includes(record.confirmed?.versionId)) throw noLongerPending(input);
      const former = formerOf(input, record);
      return { ...record, confirmed: { versionId: token, user: other.user, at, ...(former && { former }) } };
    },
    { credentials },
  );
  // A retirement that was on its way has shut this user by now, or sees from here on that it must not.
  await demandAccepted(login, authority);
  return {};
}

/**
 * @throws StepError LoginRefused where the writer refuses; ReaderBehind where a reader does what the writer does not, who
 *   may only be late; AuthorityUnreachable
 */
async function demandAccepted(login: Login, authority: Authority): Promise<void> {
  const answers = await authority.accepts(login);
  for (const [n, answer] of answers.entries()) demandAcceptance(answer, login, n === 0);
}

function demandAcceptance(answer: Answer, { user }: Login, isWriter: boolean): void {
  if (answer.says === "ACCEPTED") return;
  const { host, says, words } = answer;
  if (says === "UNREACHABLE") throw new StepError(AUTHORITY_ERRORS.unreachable, `${host} cannot be reached: ${words}`);
  if (isWriter) throw new StepError(AUTHORITY_ERRORS.loginRefused, `${host} refuses the user ${user}: ${words}`);
  const why = `${host} refuses the user ${user}, whom the writer lets in: ${words}`;
  throw new StepError(CREDENTIAL_ERRORS.readerBehind, why);
}

/** @throws StepError OwnerLost */
function demandOwner(acting: Acting, { user }: Login, { name, engine, owner }: CredentialSettings): void {
  if (acting.asOwner) return;
  const { host, release, fresh, afterDiscard } = acting;
  const found = `${user} acts on ${host} (release ${release}) as ${fresh}, and after DISCARD ALL as ${afterDiscard}`;
  // What is known of releases; with any of them, the preparation may be missing.
  const known =
    "PostgreSQL 17.0 forgets the owner there, and 17.1 never applies him: install 17.2 or later. Otherwise run";
  const prepare = `\`npm run credential:prepare -- ${name} --apply\`, which sees to it and checks it`;
  const todo = `${engine === "postgres" ? known : "Run"} ${prepare}.`;
  throw new StepError(CREDENTIAL_ERRORS.ownerLost, `${found}, and not as ${owner}. ${todo}`);
}

/**
 * Whoever may hold the version before has to move; nobody can hold one that the authority has never let in. Where somebody has
 * put a value by hand that is no login, consumers go on with the one that was promoted last.
 */
function formerOf(
  { current, other, verdict }: InputOf<typeof contract>,
  record: Pick<CredentialRecord, "current">,
): VersionOf | undefined {
  if (verdict === "UNSET") return undefined;
  if (current.user !== undefined) return { versionId: current.versionId, user: current.user };
  const { versionId, user } = record.current ?? {};
  return versionId === undefined || user === undefined || user === other.user ? undefined : { versionId, user };
}
