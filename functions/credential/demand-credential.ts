import type { CredentialSettings } from "../shared/credential-settings.ts";
import { StepError } from "../shared/errors.ts";
import { CREDENTIAL_ERRORS } from "./errors.ts";

/**
 * What the settings say of a credential.
 *
 * @param secret the secret's name
 * @throws StepError UnknownCredential
 */
export function demandCredential(
  secret: string,
  { credentialSettings }: { credentialSettings: readonly CredentialSettings[] },
): CredentialSettings {
  const found = credentialSettings.find(({ name }) => name === secret);
  if (found !== undefined) return found;
  const known = credentialSettings.map(({ name }) => name).join(", ") || "none";
  const todo = `Give one of these, or set "credentials" in cdk.json and deploy again.`;
  throw new StepError(
    CREDENTIAL_ERRORS.unknown,
    `The settings know no credential ${secret}. Those they know: ${known}. ${todo}`,
  );
}
