import { randomBytes } from "node:crypto";
import type { CredentialSettings, DatabaseCredential } from "../../../functions/shared/credential-settings.ts";
import { type Around, prepare } from "../../../infra/prepare/prepare.ts";

let drawn = 0;
/** The secret of its manager, who has one. */
export function managerSecretOf({ manager }: DatabaseCredential): string {
  if ("secret" in manager) return manager.secret;
  throw new Error(`the manager ${manager.iamUser} has no secret`);
}

/** A credential whose database, roles and secrets no other test has. */
export function newCredential(changes: Partial<DatabaseCredential> = {}): DatabaseCredential {
  drawn += 1;
  const dbname = `stock${drawn}`;
  return {
    name: `${dbname}/db`,
    kind: "database",
    engine: "postgres",
    hosts: ["db.example"],
    port: 5432,
    dbname,
    owner: `${dbname}_owner`,
    users: [`${dbname}_a`, `${dbname}_b`],
    manager: { secret: `${dbname}/manager` },
    consumers: [],
    quietSeconds: 60,
    deadlineSeconds: 600,
    tls: "none",
    ...changes,
  };
}

/** What it prints, or the message with which it ends. */
export async function said(
  args: string[],
  credentials: CredentialSettings[],
  changes: Partial<Around> = {},
): Promise<string> {
  const lines: string[] = [];
  const around: Around = {
    credentials: () => credentials,
    ownersUrl: undefined,
    secretsManager: () => Promise.reject(new Error("it asks AWS")),
    random: randomBytes,
    now: Date.now,
    print: (text) => lines.push(text),
    ...changes,
  };
  const failure = await prepare(args, around).then(
    (code) => (code === 0 ? undefined : `it ended with ${code}`),
    (error: Error) => `${error.constructor.name}: ${error.message}`,
  );
  return [...lines, ...(failure === undefined ? [] : [failure])].join("\n");
}
