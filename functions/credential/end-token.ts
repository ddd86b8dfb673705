import type { Authorities } from "../clients/authorities.ts";
import { type Answer, AUTHORITY_ERRORS, type Login } from "../clients/authority.ts";
import type { TokenCredential } from "../shared/credential-settings.ts";
import { StepError } from "../shared/errors.ts";
import { utc } from "../telling/time.ts";
import { CREDENTIAL_ERRORS } from "./errors.ts";
import type { Life } from "./record.ts";

/**
 * How a token ends: it was revoked, and seen refused; it had ended by itself; or it is left to do so, where its issuer has no
 * way to revoke, or nobody knows it any more.
 */
export type TokenEnd = "REVOKED" | "ENDED" | "LEFT";

/**
 * Revokes a token that nobody is to use any more, and sees it refused, since an issuer may say yes and revoke nothing.
 *
 * @param token.maker the one of the two whose key has made it, where that is not the one whose turn it was
 * @param token.life undefined where nobody knows when it ends by itself
 * @param mayGoOn is asked immediately before
 * @returns undefined if `mayGoOn` said no
 * @throws StepError StillAccepted where the probe accepts it; one of `KEY_ERRORS`
 */
export async function endToken(
  {
    settings,
    login,
    maker,
    life,
  }: { settings: TokenCredential; login: Login | undefined; maker: string | undefined; life: Life | undefined },
  mayGoOn: () => Promise<boolean>,
  { authorities, now }: { authorities: Authorities; now: () => number },
): Promise<TokenEnd | undefined> {
  if (life !== undefined && life.to <= now()) return "ENDED";
  if (login === undefined || settings.revocationUrl === undefined) return "LEFT";
  const issuer = authorities.issuerOf(settings);
  if (!(await issuer.revoke({ ...login, user: maker ?? login.user }, mayGoOn))) return undefined;
  demandRefused(await issuer.accepts(login), login, life);
  return "REVOKED";
}

function demandRefused(answers: readonly Answer[], { user }: Login, life: Life | undefined): void {
  for (const answer of answers) {
    const { host, says } = answer;
    if (says === "REFUSED") continue;
    if (says === "UNREACHABLE") {
      throw new StepError(AUTHORITY_ERRORS.unreachable, `${host} cannot be reached: ${answer.words}`);
    }
    const ends = life === undefined ? "Nobody knows when it ends by itself." : `It ends by itself at ${utc(life.to)}.`;
    const why = `${host} accepts the former token, ${user}, though its issuer says that it is revoked. ${ends}`;
    throw new StepError(CREDENTIAL_ERRORS.stillAccepted, why);
  }
}
