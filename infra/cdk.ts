import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SettingsError } from "./settings/error.ts";
import { readSettings } from "./settings-file.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CDK = fileURLToPath(new URL("../node_modules/aws-cdk/bin/cdk", import.meta.url));

/**
 * Runs CDK's own command line in the project's folder. Its notices are left out: they are about versions of CDK, which come
 * with this repository.
 *
 * @param args e.g. `["synth", "--quiet"]`
 * @returns its exit code
 */
export function runCdk(args: string[]): number {
  return spawnSync(process.execPath, [CDK, "--no-notices", ...args], { cwd: ROOT, stdio: "inherit" }).status ?? 1;
}

/** What `npm run synth` and `npm run diff` do. CDK reads cdk.json itself, and says of a broken one less than we do. */
function main(args: string[]): number {
  try {
    readSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    return 1;
  }
  return runCdk(args);
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
