import { awsAccount } from "./deploy/account.aws.ts";
import { heedArguments, placeOf, regionOf } from "./deploy/place.ts";
import { inOneMessage } from "./deploy/report.ts";
import { runCdk } from "./deploy/run-cdk.ts";
import { readSettings } from "./settings-file.ts";

/** What `npm run synth` and `npm run diff` do. CDK reads cdk.json itself, and says of a broken one less than we do. */
async function main(args: string[]): Promise<number> {
  readSettings();
  // What is deployed only AWS knows. CDK would say after a whole synthesis that nobody may ask it, and not what to do.
  if (args[0] === "diff" && !args.includes("--help") && !args.includes("-h")) {
    heedArguments(args, process.env);
    await placeOf(awsAccount({ region: await regionOf() }));
  }
  return runCdk(args);
}

if (import.meta.main) process.exitCode = await inOneMessage(() => main(process.argv.slice(2)));
