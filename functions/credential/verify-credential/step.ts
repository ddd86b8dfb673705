import { judgeOf } from "../../clients/authorities.ts";
import { type Answer, AUTHORITY_ERRORS } from "../../clients/authority.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { printable } from "../../shared/printable.ts";
import { demandCredential } from "../demand-credential.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { isUrgent } from "../is-urgent.ts";
import { newRecord } from "../record.ts";
import { readLogin } from "../secret-value.ts";
import { wasPromoted } from "../was-promoted.ts";
import { whoIsBehind } from "../who-is-behind.ts";
import type { contract } from "./contract.ts";

type Verified = OutputOf<typeof contract>;

/** How much is kept of what an authority says. */
const MOST_WORDS = 300;

/** Who can fetch nothing but what is refused is never seen to have moved: whoever heals it has to say that he does not wait. */
const NOT_BY_HEAL =
  ". Where the current one is refused, `heal` alone waits for them; with `force` beside it they are locked out, and it is mended";

/** Judges by the authority's own answers. The first row that fits decides, in the order of the function's body. */
export async function verifyCredential(
  { secret, token, current, other, behind, force, heal, test }: InputOf<typeof contract>,
  { secrets, credentials, audit, authorities, now, credentialSettings }: NeighboursOf<typeof contract>,
): Promise<Verified> {
  const credential = demandCredential(secret, { credentialSettings });
  const authority = judgeOf(credential, authorities);
  const stages = await secrets.stages(secret);
  if (stages === undefined) {
    const todo = `Restore it, or take it out of "credentials" in cdk.json.`;
    throw new StepError(CREDENTIAL_ERRORS.gone, `There is no secret ${secret} any more. ${todo}`);
  }

  if (!test && (stages.current === token || stages.pending !== token)) return verdict("SUPERSEDED", false);

  const login = readLogin(await secrets.read(secret, current.versionId), credential);
  const answersOf = async (): Promise<Answer[]> => (login === undefined ? [] : authority.accepts(login));
  const record = (await credentials.find(secret)) ?? newRecord(secret);
  const isOnly = stages.predecessor === undefined && record.current === undefined;
  /** Nobody can hold a current one that nobody was ever let in with. */
  const isUnset = async (answers: readonly Answer[]) =>
    isOnly && !isLetIn(answers) && !(await wasPromoted(secret, audit));

  if (!test) {
    const pending = readLogin(await secrets.read(secret, token), credential);
    // Readers may be behind: only the writer knows whether an earlier try has set it.
    if (pending?.user === other.user && isAccepted((await authority.accepts(pending)).slice(0, 1))) {
      return verdict(isOnly && (await isUnset(await answersOf())) ? "UNSET" : "MATCH_PENDING", true);
    }
  }

  // Who is behind with a token is no reason to have all others be without one, now or soon.
  const isBehind = !test && behind.length > 0 && !force && !isUrgent(record, now());
  const unhealed = heal && credential.kind === "database" ? NOT_BY_HEAL : "";
  const told = () => verdict("BEHIND", false, `${whoIsBehind(behind, other.user, credential)}${unhealed}`);
  if (isBehind && credential.kind === "database") return told();
  const answers = await answersOf();
  if (login !== undefined && isAccepted(answers)) return isBehind ? told() : verdict("MATCH", true);
  const refusal = answers.find((answer) => answer.says === "REFUSED");
  const said = refusal
    ? `${refusal.host} refuses ${login?.user}: ${printable(refusal.words).slice(0, MOST_WORDS)}`
    : `The current value of ${secret} is ${credential.kind === "token" ? "no token" : `no login of ${credential.users.join(" or ")}`}.`;
  // A token that is refused serves nobody any more, whoever ended it: the other one is fetched at once.
  const turns = heal || (credential.kind === "token" && !test);
  return (await isUnset(answers)) ? verdict("UNSET", true, said) : verdict("MISMATCH", turns, said);
}

function verdict(name: Verified["verdict"], turns: boolean, said = ""): Verified {
  return { verdict: name, turns, said };
}

/**
 * Whether all servers accept a login.
 *
 * @throws StepError AuthorityUnreachable where one of them says nothing of it, whatever the others say
 */
function isAccepted(answers: readonly Answer[]): boolean {
  demandReached(answers);
  return answers.every(({ says }) => says === "ACCEPTED");
}

/** Whether one server at least does, so that somebody may be using it. Throws as `isAccepted`. */
function isLetIn(answers: readonly Answer[]): boolean {
  demandReached(answers);
  return answers.some(({ says }) => says === "ACCEPTED");
}

function demandReached(answers: readonly Answer[]): void {
  const away = answers.find((answer) => answer.says === "UNREACHABLE");
  if (away === undefined) return;
  throw new StepError(AUTHORITY_ERRORS.unreachable, `${away.host} cannot be reached: ${printable(away.words)}`);
}
