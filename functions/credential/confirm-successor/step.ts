import { judgeOf } from "../../clients/authorities.ts";
import { type Acting, type Answer, AUTHORITY_ERRORS, type Authority, type Login } from "../../clients/authority.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { CredentialSettings, DatabaseCredential } from "../../shared/credential-settings.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { utc } from "../../telling/time.ts";
import { alterCredential } from "../alter.ts";
import { demandCredential } from "../demand-credential.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { pendingLogin } from "../pending-login.ts";
import type { CredentialRecord, Life, VersionOf } from "../record.ts";
import { readLife } from "../secret-value.ts";
import { isStillPending, noLongerPending } from "../still-pending.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;

/**
 * Has every server of a database let the pending login in, and sees that it acts as the owner; or has the probe accept the
 * pending token. That it was so is noted, since nothing else is promoted: consumers who fetch the version may come to any of the
 * servers.
 */
export async function confirmSuccessor(
  input: Input,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { secrets, credentials, authorities, now } = neighbours;
  const { secret, token, other } = input;
  const settings = demandCredential(secret, neighbours);
  const before = (await credentials.find(secret))?.confirmed?.versionId;
  // What was given up meanwhile is refused, too, and nobody is to be told of that.
  if (!(await isStillPending(input, secrets))) throw noLongerPending(input);
  const login = await pendingLogin(input, { secrets, settings });
  const life = settings.kind === "token" ? demandAlive(await secrets.read(secret, token), input, now()) : undefined;
  const accepted = () => demandAccepted(login, settings, judgeOf(settings, authorities));
  await accepted();
  if (settings.kind === "database") {
    for (const acting of await authorities.of(settings).actsAs(login)) demandOwner(acting, login, settings);
  }
  if (!(await isStillPending(input, secrets))) throw noLongerPending(input);
  const at = now();
  await alterCredential(
    secret,
    (record) => {
      // One that was asked for since is being promoted, or is current: the record is to say so still.
      if (![before, token].includes(record.confirmed?.versionId)) throw noLongerPending(input);
      const former = formerOf(input, record);
      const pending = { versionId: token, user: other.user, ...(life && { life }) };
      return { ...record, confirmed: { ...pending, at, ...(former && { former }) } };
    },
    { credentials },
  );
  // A retirement that was on its way has shut this user by now, or sees from here on that it must not.
  await accepted();
  return {};
}

/**
 * For how long the pending token is good.
 *
 * @throws StepError SecretUnfit where it does not say so; and where it has ended, since it will never be accepted
 */
function demandAlive(
  value: string | undefined,
  { secret, token }: { secret: string; token: string },
  now: number,
): Life {
  const life = readLife(value);
  if (life !== undefined && now < life.to) return life;
  const what = life === undefined ? "does not say how long it is good" : `has ended, at ${utc(life.to)}`;
  const why = `The token of the version ${token} of ${secret} ${what}, and is not promoted. Rotate anew.`;
  throw new StepError(CREDENTIAL_ERRORS.unfit, why);
}

/**
 * @throws StepError LoginRefused where the writer refuses; ReaderBehind where a reader does what the writer does not, who
 *   may only be late; TokenRefused where the probe does; AuthorityUnreachable
 */
async function demandAccepted(
  login: Login,
  { kind }: CredentialSettings,
  authority: Pick<Authority, "accepts">,
): Promise<void> {
  const answers = await authority.accepts(login);
  for (const [n, answer] of answers.entries()) demandAcceptance(answer, login, { kind, isWriter: n === 0 });
}

function demandAcceptance(
  answer: Answer,
  { user }: Login,
  { kind, isWriter }: { kind: CredentialSettings["kind"]; isWriter: boolean },
): void {
  if (answer.says === "ACCEPTED") return;
  const { host, says, words } = answer;
  if (says === "UNREACHABLE") throw new StepError(AUTHORITY_ERRORS.unreachable, `${host} cannot be reached: ${words}`);
  if (kind === "token") {
    throw new StepError(CREDENTIAL_ERRORS.tokenRefused, `${host} refuses ${user}, which was just issued: ${words}`);
  }
  if (isWriter) throw new StepError(AUTHORITY_ERRORS.loginRefused, `${host} refuses the user ${user}: ${words}`);
  const why = `${host} refuses the user ${user}, whom the writer lets in: ${words}`;
  throw new StepError(CREDENTIAL_ERRORS.readerBehind, why);
}

/** @throws StepError OwnerLost */
function demandOwner(acting: Acting, { user }: Login, { name, engine, owner }: DatabaseCredential): void {
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
  { current, other, verdict }: Input,
  record: Pick<CredentialRecord, "current">,
): VersionOf | undefined {
  if (verdict === "UNSET") return undefined;
  const known = record.current;
  if (current.user !== undefined && current.versionId !== known?.versionId) {
    return { versionId: current.versionId, user: current.user };
  }
  if (known === undefined || known.user === other.user) return undefined;
  const { versionId, user, life } = known;
  return { versionId, user, ...(life && { life }) };
}
