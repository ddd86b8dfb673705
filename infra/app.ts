import { statSync } from "node:fs";
import { App, type AppProps, Validations } from "aws-cdk-lib";
import { CURRENTLY_RECOMMENDED_FLAGS } from "aws-cdk-lib/cx-api";
import { AwsSolutionsChecks } from "cdk-nag";
import { acceptObjections } from "./accepted.ts";
import { type Bundles, makeBundles } from "./bundles.ts";
import { checkSettings, type Settings, SettingsError } from "./settings.ts";
import { KeyturnStack } from "./stack.ts";

/** A CDK app that behaves as a new one does: the behaviours that CDK keeps for old apps are off. */
export function newApp(props: AppProps = {}): App {
  return new App({ ...props, context: { ...CURRENTLY_RECOMMENDED_FLAGS, ...props.context } });
}

/**
 * By "true", `npm run deploy` says in the app's context that there is no deployment yet: tables are made without protection
 * against their deletion, so that a failure leaves none behind. Its second deployment, right after, protects them.
 */
const FIRST = "keyturn:first";

/** One stack, checked against AWS Solutions' rules. */
export function addKeyturn(app: App, settings: Settings, bundles: Bundles): KeyturnStack {
  const isFirst = app.node.tryGetContext(FIRST) === "true";
  // Within the app it has one name, whatever AWS is to call it: some that CDK has taken there are good names for a stack.
  const stack = new KeyturnStack(app, "Keyturn", settings, bundles, { isFirst });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  acceptObjections(stack, settings);
  return stack;
}

/** What `cdk` starts (cdk.json). */
async function main(): Promise<void> {
  try {
    const app = newApp();
    const region = process.env.CDK_DEFAULT_REGION;
    const settings = checkSettings(app.node.tryGetContext("keyturn"), { region });
    addKeyturn(app, settings, await makeBundles());
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
