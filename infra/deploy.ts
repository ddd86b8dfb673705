import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DescribeEndpointsCommand, TimestreamWriteClient } from "@aws-sdk/client-timestream-write";
import { type Settings, SettingsError } from "./settings.ts";
import { readSettings } from "./settings-file.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A reason not to deploy. Its message is for the user. */
export class NotDeployable extends Error {}

/** Asks AWS whether this account can use Timestream for LiveAnalytics. Throws what AWS answers if not. */
export type AskTimestream = () => Promise<unknown>;

/**
 * Looks, before anything is deployed, for what would let the deployment fail or leave nobody to be told.
 *
 * @throws NotDeployable with what is wrong and what to change
 */
export async function checkDeployable(settings: Settings, askTimestream: AskTimestream): Promise<void> {
  if (settings.alertEmails.length === 0) {
    throw new NotDeployable(
      "Nobody would be told when something goes wrong. Put an address into cdk.json:\n" +
        '  "alertEmails": ["you@your-company.com"],',
    );
  }
  if (settings.timeSeries !== "timestream") return;
  try {
    await askTimestream();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name !== "AccessDeniedException") {
      throw new NotDeployable(
        `AWS could not be asked whether this account can use Timestream in this Region: ${error.message}\n` +
          "Check your credentials and AWS_REGION.",
      );
    }
    throw new NotDeployable(
      "This account cannot use Amazon Timestream for LiveAnalytics: it is open only to accounts that used it before " +
        "20 June 2025 (or your credentials may not call timestream:DescribeEndpoints).\n" +
        "Keep the samples in DynamoDB instead, by one line in cdk.json:\n" +
        '  "timeSeries": "dynamodb",',
    );
  }
}

/** What `npm run deploy` does; arguments go on to `cdk deploy`. */
async function main(args: string[]): Promise<number> {
  try {
    const settings = readSettings();
    const client = new TimestreamWriteClient({});
    await checkDeployable(settings, () => client.send(new DescribeEndpointsCommand({})));
  } catch (error) {
    if (!(error instanceof NotDeployable || error instanceof SettingsError)) throw error;
    console.error(error.message);
    return 1;
  }
  const cdk = fileURLToPath(new URL("../node_modules/aws-cdk/bin/cdk", import.meta.url));
  return spawnSync(process.execPath, [cdk, "deploy", ...args], { cwd: ROOT, stdio: "inherit" }).status ?? 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
