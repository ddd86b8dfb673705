import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { Login } from "../../functions/clients/authority.ts";
import { FORMS } from "../../protocol/index.ts";
import { Refused, reasonOf } from "../deploy/report.ts";

const PASSWORD_BYTES = 24;

/** The longest name that a user may have in each of the databases. */
const LONGEST_USER = 32;

/** What the manager is called where nobody says it: as his secret. */
export function userOf(secret: string): string {
  const name = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)-[^-]{6}$/.exec(secret)?.[1] ?? secret;
  return name.toLowerCase().replaceAll(/\W+/g, "_").slice(0, LONGEST_USER);
}

/**
 * The manager's login as his secret has it. Where there is none, a password is drawn and put there first of all: whatever
 * comes after it may fail, and finds it again.
 *
 * @param user what he is called, where the secret does not say it
 * @returns `isDrawn` when it was drawn by this call
 * @throws Refused when AWS does not say, or when what is there is no login
 */
export async function managerLogin(
  secret: string,
  user: string,
  { client, random }: { client: SecretsManagerClient; random: (bytes: number) => Buffer },
): Promise<{ login: Login; isDrawn: boolean }> {
  try {
    const value = await currentValue(secret, client);
    if (value !== undefined) return { login: loginIn(value, secret), isDrawn: false };
    // An ARN, whose end Secrets Manager draws.
    if (!FORMS.secretName.test(secret)) {
      throw new Refused(
        `There is no secret ${secret}, or it has no value: put the manager's login there, or name it by its name.`,
      );
    }
    const login = { user, password: random(PASSWORD_BYTES).toString("hex") };
    await put(secret, JSON.stringify({ username: login.user, password: login.password }), client);
    return { login, isDrawn: true };
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(`AWS did not give or take the manager's login in the secret ${secret}: ${reasonOf(error)}`);
  }
}

async function currentValue(secret: string, client: SecretsManagerClient): Promise<string | undefined> {
  try {
    const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secret }));
    return SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function put(secret: string, value: string, client: SecretsManagerClient): Promise<void> {
  const Description = "The login of who alters the users of databases for Keyturn.";
  try {
    await client.send(new CreateSecretCommand({ Name: secret, Description, SecretString: value }));
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
    // The secret is there, and is empty.
    await client.send(new PutSecretValueCommand({ SecretId: secret, SecretString: value }));
  }
}

function loginIn(value: string, secret: string): Login {
  const { username: user, password } = parsed(value);
  if (typeof user === "string" && user !== "" && typeof password === "string" && password !== "") {
    return { user, password };
  }
  throw new Refused(
    `The secret ${secret} holds no login: it must be { "username": …, "password": … }, or not be there.`,
  );
}

function parsed(value: string): { username?: unknown; password?: unknown } {
  try {
    return Object(JSON.parse(value));
  } catch {
    return {};
  }
}
