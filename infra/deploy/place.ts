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
  const hasKeys = Boolean(env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY);
  if (profile !== undefined) env.AWS_PROFILE = profile;
  else if (env.AWS_PROFILE && hasKeys) {
    // To cdk and the AWS CLI the keys count more, to the SDK that asks here the profile. By its other name, which the SDK does
    // not know, the profile still says where.
    env.AWS_DEFAULT_PROFILE = env.AWS_PROFILE;
    delete env.AWS_PROFILE;
  } else if (!env.AWS_PROFILE && env.AWS_DEFAULT_PROFILE && !hasKeys) env.AWS_PROFILE = env.AWS_DEFAULT_PROFILE;
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
 * The Region that the environment or the profile names. From then on the environment says it, so that cdk, which would go on
 * looking elsewhere, is told the same.
 *
 * @param env as `heedArguments` has left it
 * @throws Refused when none does
 */
export async function regionOf(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  try {
    const profile = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE;
    const region = await new STSClient(profile ? { profile } : {}).config.region();
    env.AWS_REGION = region;
    return region;
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
    const profile = process.env.AWS_PROFILE;
    const isOffline = error instanceof Error && "code" in error;
    throw new Refused(
      isOffline
        ? `AWS cannot be reached: ${reason}`
        : `AWS does not know who asks: ${reason}${profile ? `, by the profile ${profile}` : ""}\nGive credentials that are valid, as for the AWS CLI: AWS_PROFILE, ` +
            "aws sso login; a profile that wants a code (MFA) needs a session first. aws sts get-caller-identity says whose they are.",
    );
  }
}
