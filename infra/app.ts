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
  const stack = new KeyturnStack(app, "Keyturn", settings, bundles, { isFirst });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  acceptObjections(stack, settings);
  return stack;
}

/** What `cdk` starts (cdk.json). */
async function main(): Promise<void> {
  const app = newApp();
  try {
    const settings = checkSettings(app.node.tryGetContext("keyturn"));
    addKeyturn(app, settings, await makeBundles());
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    return;
  }
  app.synth();
}

if (import.meta.main) await main();
