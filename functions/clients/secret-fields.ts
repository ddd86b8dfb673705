import {
  GetSecretValueCommand,
  InvalidRequestException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { readJson } from "../shared/read-json.ts";

/**
 * The current value of a secret that somebody else keeps, as JSON.
 *
 * @param secret its name or ARN
 * @param refused makes what is thrown where there is none, of what is wrong with it
 * @returns undefined for what is no JSON
 */
export async function secretFields(
  secrets: SecretsManagerClient,
  secret: string,
  refused: (what: string) => Error,
): Promise<unknown> {
  try {
    const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: secret }));
    return readJson(SecretString);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) throw refused("is not there, or has no value");
    if (error instanceof InvalidRequestException) throw refused("is deleted");
    throw error;
  }
}
