import { awsAccount } from "./deploy/account.aws.ts";
import { heedArguments, regionOf } from "./deploy/place.ts";
import { inOneMessage, Refused, refusalOf } from "./deploy/report.ts";
import { runCdk } from "./deploy/run-cdk.ts";
import { awsHolders } from "./destroy/holders.aws.ts";
import { destroy } from "./destroy/removal.ts";
import { lacksOf } from "./regions.ts";
import { readSettings } from "./settings-file.ts";

const HELP = `npm run destroy -- [--leave-instances] [arguments of cdk destroy, which follow]
  --leave-instances   instances with roles of their own may be left behind without their control plane
`;

/** What `npm run destroy` does; arguments go on to `cdk destroy`. */
async function main(args: string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(HELP);
    return runCdk(["destroy", "--help"]);
  }
  heedArguments(args, process.env);
  const settings = readSettings();
  const asked = { region: await regionOf() };
  const lacks = settings.exposedKeys.deploy === "alone" ? lacksOf(asked.region, [], "alone") : [];
  if (lacks.length > 0) throw new Refused(refusalOf("Nothing was removed.", lacks));
  return destroy(args, {
    settings,
    account: awsAccount(asked),
    holders: awsHolders(asked),
    accountIn: (region) => awsAccount({ region }),
    holdersIn: (region) => awsHolders({ region }),
    runCdk,
    say: (text) => console.error(text),
  });
}

if (import.meta.main) process.exitCode = await inOneMessage(() => main(process.argv.slice(2)));
