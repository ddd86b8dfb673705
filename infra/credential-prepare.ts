import { randomBytes } from "node:crypto";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { heedArguments, regionOf } from "./deploy/place.ts";
import { inOneMessage } from "./deploy/report.ts";
import { WrongUse } from "./prepare/arguments.ts";
import { prepare } from "./prepare/prepare.ts";
import { credentialSettingsOf } from "./settings/credentials.ts";
import { readSettings } from "./settings-file.ts";

/** What `npm run credential:prepare` does. Exit codes: 0 done, 1 failed, 2 it was called wrongly. */
async function main(args: string[]): Promise<number> {
  try {
    return await prepare(args, {
      credentials: () => credentialSettingsOf(readSettings().credentials),
      ownersUrl: process.env.CREDENTIAL_PREPARE_URL,
      secretsManager: async () => {
        heedArguments([], process.env);
        return new SecretsManagerClient({ region: await regionOf() });
      },
      random: randomBytes,
      now: Date.now,
      print: (text) => console.log(text),
    });
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    console.error(error.message);
    return 2;
  }
}

if (import.meta.main) process.exitCode = await inOneMessage(() => main(process.argv.slice(2)));
