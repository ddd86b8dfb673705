import { awsAccount } from "./deploy/account.aws.ts";
import { contextFile } from "./deploy/context-file.ts";
import { deploy } from "./deploy/deployment.ts";
import { heedArguments, regionOf } from "./deploy/place.ts";
import { inOneMessage, Refused, refusalOf } from "./deploy/report.ts";
import { runCdk } from "./deploy/run-cdk.ts";
import { lacksOf } from "./regions.ts";
import { readSettings } from "./settings-file.ts";

/** What `npm run deploy` does; arguments go on to `cdk deploy`. */
async function main(args: string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) return runCdk(["deploy", "--help"]);
  heedArguments(args, process.env);
  const settings = readSettings();
  const region = await regionOf();
  // Before AWS is asked whose the credentials are: in another partition they are nobody's.
  const lacks = lacksOf(region, [], settings.exposedKeys.deploy);
  if (lacks.length > 0) throw new Refused(refusalOf("Nothing was deployed.", lacks));
  return deploy(args, {
    settings,
    account: awsAccount({ region }),
    accountIn: (other) => awsAccount({ region: other }),
    context: contextFile(),
    runCdk,
    say: (text) => console.error(text),
  });
}

if (import.meta.main) process.exitCode = await inOneMessage(() => main(process.argv.slice(2)));
