import { awsAccount } from "./deploy/account.aws.ts";
import { contextFile } from "./deploy/context-file.ts";
import { deploy } from "./deploy/deploy.ts";
import { heedArguments, regionOf } from "./deploy/place.ts";
import { inOneMessage } from "./deploy/report.ts";
import { runCdk } from "./deploy/run-cdk.ts";
import { readSettings } from "./settings-file.ts";

/** What `npm run deploy` does; arguments go on to `cdk deploy`. */
async function main(args: string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) return runCdk(["deploy", "--help"]);
  heedArguments(args, process.env);
  const settings = readSettings();
  return deploy(args, {
    settings,
    account: awsAccount({ region: await regionOf() }),
    context: contextFile(),
    runCdk,
    say: (text) => console.error(text),
  });
}

if (import.meta.main) process.exitCode = await inOneMessage(() => main(process.argv.slice(2)));
