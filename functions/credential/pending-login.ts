import type { Login } from "../clients/authority.ts";
import type { Secrets } from "../clients/secrets.ts";
import type { CredentialSettings } from "../shared/credential-settings.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";
import { CREDENTIAL_ERRORS } from "./errors.ts";
import { readLogin } from "./secret-value.ts";

/** What a database takes from every client alike: others may write the value, too. */
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/**
 * The login that a version holds, of the user that is turned. More people may write the secret than Keyturn, so whose it is
 * was decided before.
 *
 * @param version.secret the secret's name; `token`, the version's ID
 * @throws StepError SecretUnfit where the value is another user's, or no login; TemporarilyUnavailable where it is not to be
 *   seen yet
 */
export async function pendingLogin(
  { secret, token, other }: { secret: string; token: string; other: { user: string } },
  { secrets, settings }: { secrets: Secrets; settings: CredentialSettings },
): Promise<Login> {
  const value = await secrets.read(secret, token);
  if (value === undefined) {
    throw new StepError(
      TEMPORARILY_UNAVAILABLE,
      `The version ${token} of ${secret} has no value that is to be seen yet.`,
    );
  }
  const login = readLogin(value, settings);
  if (login?.user === other.user && PRINTABLE_ASCII.test(login.password)) return login;
  const wanted =
    settings.kind === "token" ? `token that says that it is ${other.user},` : `login of ${other.user} with a password`;
  const what = `is no ${wanted} of printable ASCII: somebody else has written it`;
  const todo = "Take AWSPENDING off it and rotate anew";
  throw new StepError(CREDENTIAL_ERRORS.unfit, `The value of the version ${token} of ${secret} ${what}. ${todo}.`);
}
