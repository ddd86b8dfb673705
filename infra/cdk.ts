import { runCdk } from "./deploy/run-cdk.ts";
import { SettingsError } from "./settings/error.ts";
import { readSettings } from "./settings-file.ts";

/** What `npm run synth` and `npm run diff` do. CDK reads cdk.json itself, and says of a broken one less than we do. */
async function main(args: string[]): Promise<number> {
  try {
    readSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    return 1;
  }
  return runCdk(args);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
