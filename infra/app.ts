import { statSync } from "node:fs";
import { App, type AppProps, Validations } from "aws-cdk-lib";
import { CURRENTLY_RECOMMENDED_FLAGS } from "aws-cdk-lib/cx-api";
import { AwsSolutionsChecks } from "cdk-nag";
import { acceptObjections } from "./accepted.ts";
import { type Bundles, makeBundles } from "./bundles.ts";
import { answerKey, FIRST_KEY, SETTLED_KEY } from "./context-keys.ts";
import { lacksOf } from "./regions.ts";
import { checkSettings, type Settings, SettingsError } from "./settings.ts";
import { KeyturnStack } from "./stack.ts";
import { type PlannedStack, settingsOfParts, stacksFor } from "./stacks.ts";
import { settled, storesOf } from "./time-series.ts";

/** A CDK app that behaves as a new one does: the behaviours that CDK keeps for old apps are off. */
export function newApp(props: AppProps = {}): App {
  return new App({ ...props, context: { ...CURRENTLY_RECOMMENDED_FLAGS, ...props.context } });
}

/**
 * The stacks of the settings, checked against AWS Solutions' rules.
 *
 * @param region in which one deploys, where it is known
 */
export function addKeyturn(
  app: App,
  settings: Settings,
  bundles: Bundles,
  region: string | undefined,
): [KeyturnStack, ...KeyturnStack[]] {
  const isFirst = app.node.tryGetContext(FIRST_KEY) === "true";
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const add = ({ id, parts, region }: PlannedStack) => {
    const own = settingsOfParts(settings, parts);
    const env = region === undefined ? {} : { env: { region } };
    const stack = new KeyturnStack(app, id, own, bundles, { isFirst, parts, ...env });
    acceptObjections(stack, own);
    return stack;
  };
  const [first, ...others] = stacksFor(settings, region);
  return [add(first), ...others.map(add)];
}

/**
 * The settings of the stack, from the app's context, for the account and Region that `cdk` says it works for.
 *
 * @param env where `cdk` says that; it says no account where it has no credentials
 * @param tell what the user is told who sees a template that AWS was not asked for
 * @throws SettingsError for what is wrong in the settings, and for what the Region has not
 */
export function settingsOf(app: App, env: NodeJS.ProcessEnv, tell: (text: string) => void = console.error): Settings {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = env;
  const given = checkSettings(app.node.tryGetContext("keyturn"), { region });
  const written = account && region ? app.node.tryGetContext(answerKey({ account, region })) : undefined;
  const answer = app.node.tryGetContext(SETTLED_KEY) ?? written;
  const settings = settled(given, answer);
  const { deploy } = given.exposedKeys;
  if (given.timeSeries === "auto" && deploy !== "alone" && account && answer === undefined) {
    tell(
      `AWS was not asked yet where samples can go in ${region} of account ${account}: DynamoDB is taken. npm run deploy asks; ` +
        "cdk deploy does not.",
    );
  }
  const lacks = region ? lacksOf(region, storesOf(settings), deploy) : [];
  if (lacks.length > 0) throw new SettingsError(lacks.join("\n"));
  return settings;
}

/** What `cdk` starts (cdk.json). */
async function main(): Promise<void> {
  try {
    const app = newApp();
    addKeyturn(app, settingsOf(app, process.env), await makeBundles(), process.env.CDK_DEFAULT_REGION);
    const { stacks } = app.synth();
    for (const { templateFullPath } of stacks) demandSmallEnough(statSync(templateFullPath).size);
  } catch (error) {
    console.error(sentenceAbout(error));
    process.exitCode = 1;
  }
}

/** CloudFormation takes no larger template, in bytes. Nothing but tags, which stand at each resource, makes ours so large. */
const LARGEST_TEMPLATE = 1_000_000;

/** @throws SettingsError when CloudFormation would refuse a template of so many bytes */
export function demandSmallEnough(size: number): void {
  if (size <= LARGEST_TEMPLATE) return;
  const sizes = `would be ${size} bytes long, and CloudFormation takes ${LARGEST_TEMPLATE}`;
  throw new SettingsError(`The template ${sizes}. In cdk.json, keyturn.tags must be fewer, or shorter.`);
}

/**
 * What a user is told. What the checks of the settings have missed is named by the construct that does not take it.
 *
 * @param environment CDK_DEBUG is set by `cdk --debug`, also of `npm run synth -- --debug`
 */
export function sentenceAbout(error: unknown, { CDK_DEBUG } = process.env): string {
  if (error instanceof SettingsError) return error.message;
  if (CDK_DEBUG === "true" && error instanceof Error) return error.stack ?? error.message;
  const [what] = (error instanceof Error ? error.message : String(error)).trim().split("\n");
  return `The stack cannot be made with the settings of cdk.json: ${what} (npm run synth -- --debug says where.)`;
}

if (import.meta.main) await main();
