import { STSClient } from "@aws-sdk/client-sts";
import type { Place } from "../context-keys.ts";
import type { Account } from "./account.ts";
import { Refused, reasonOf } from "./report.ts";

/** What cdk takes, too, and in this order, but for its last resort, us-east-1, into which nobody should deploy by mistake. */
const REGION_VARIABLES = ["AWS_REGION", "AMAZON_REGION", "AWS_DEFAULT_REGION", "AMAZON_DEFAULT_REGION"];

/**
 * Has the environment say for whom and where, as cdk's arguments `--profile` and `--region` say it: so AWS is asked about the
 * account and Region that cdk deploys into.
 */
export function heedArguments(args: readonly string[], env: NodeJS.ProcessEnv): void {
  const profile = argument(args, "--profile");
  if (profile !== undefined) env.AWS_PROFILE = profile;
  const region = argument(args, "--region") ?? REGION_VARIABLES.map((name) => env[name]).find(Boolean);
  if (region !== undefined) env.AWS_REGION = region;
}

/** The value of an argument, as `--name value` or `--name=value`. */
function argument(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at === -1) return undefined;
  return args[at] === name ? args[at + 1] : args[at]?.slice(name.length + 1);
}

/**
 * The Region that the environment or the profile names.
 *
 * @throws Refused when none does
 */
export async function regionOf(): Promise<string> {
  try {
    return await new STSClient({}).config.region();
  } catch {
    throw new Refused("In which Region? Say it as for the AWS CLI, e.g. by AWS_REGION=eu-west-1.");
  }
}

/**
 * The account and Region that one works in.
 *
 * @throws Refused when AWS does not know who asks, or is not reached
 */
export async function placeOf(account: Account): Promise<Place> {
  try {
    return await account.place();
  } catch (error) {
    const reason = reasonOf(error);
    const isOffline = error instanceof Error && "code" in error;
    throw new Refused(
      isOffline
        ? `AWS cannot be reached: ${reason}`
        : `AWS does not know who asks: ${reason}\nGive credentials that are valid, as for the AWS CLI: AWS_PROFILE, ` +
            "aws sso login; a profile that wants a code (MFA) needs a session first. aws sts get-caller-identity says whose they are.",
    );
  }
}
