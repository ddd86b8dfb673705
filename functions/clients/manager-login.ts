import {
  GetSecretValueCommand,
  InvalidRequestException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import * as z from "zod/mini";
import { StepError } from "../shared/errors.ts";
import { AUTHORITY_ERRORS, type Login } from "./authority.ts";

/** As RDS keeps its master user's, and AWS's own functions read it; what else stands there is passed over. */
const LOGIN = z.object({
  username: z.string().check(z.minLength(1)),
  password: z.string().check(z.minLength(1)),
});

/**
 * The login of a credential's manager, as his secret has it now.
 *
 * @param managerSecret the secret's name or ARN
 * @throws StepError ManagerRefused when there is none or it is no login; it repeats nothing of the value
 */
export async function managerLogin(secrets: SecretsManagerClient, managerSecret: string): Promise<Login> {
  const text = await secretText(secrets, managerSecret);
  const login = LOGIN.safeParse(jsonOf(text));
  if (login.success) return { user: login.data.username, password: login.data.password };
  throw refused(
    managerSecret,
    "holds no login: it must be JSON with username and password, both texts that are not empty",
  );
}

async function secretText(secrets: SecretsManagerClient, managerSecret: string): Promise<string | undefined> {
  try {
    return (await secrets.send(new GetSecretValueCommand({ SecretId: managerSecret }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) throw refused(managerSecret, "is not there, or has no value");
    if (error instanceof InvalidRequestException) throw refused(managerSecret, "is deleted");
    throw error;
  }
}

/** Undefined for what is no JSON: the parser's own error would repeat a part of it. */
function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

function refused(managerSecret: string, what: string): StepError {
  return new StepError(
    AUTHORITY_ERRORS.managerRefused,
    `The secret ${managerSecret} of the database's manager ${what}.`,
  );
}
