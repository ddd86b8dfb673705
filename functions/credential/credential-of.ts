import type { CredentialSettings } from "../shared/credential-settings.ts";
import { StepError } from "../shared/errors.ts";
import { CREDENTIAL_ERRORS } from "./errors.ts";

/**
 * What the deployment has set for a secret.
 *
 * @param secret its name, of a secret's form
 * @throws StepError UnknownCredential where the settings name none of it
 */
export function credentialOf(secret: string, settings: readonly CredentialSettings[]): CredentialSettings {
  const found = settings.find(({ name }) => name === secret);
  if (found !== undefined) return found;
  const todo = "Name it in `credentials` in cdk.json and deploy, or ask for one of those";
  const known = settings.map(({ name }) => name).join(", ") || "none";
  throw new StepError(CREDENTIAL_ERRORS.unknown, `No credential of the name ${secret} is set. ${todo}: ${known}.`);
}
