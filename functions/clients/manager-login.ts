import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod/mini";
import { StepError } from "../shared/errors.ts";
import { AUTHORITY_ERRORS, type Login } from "./authority.ts";
import { secretFields } from "./secret-fields.ts";

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
  const refused = (what: string) =>
    new StepError(AUTHORITY_ERRORS.managerRefused, `The secret ${managerSecret} of the database's manager ${what}.`);
  const login = LOGIN.safeParse(await secretFields(secrets, managerSecret, refused));
  if (login.success) return { user: login.data.username, password: login.data.password };
  throw refused("holds no login: it must be JSON with username and password, both texts that are not empty");
}
