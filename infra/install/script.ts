import { Stack } from "aws-cdk-lib";
import type { Asset } from "aws-cdk-lib/aws-s3-assets";
import type { IConstruct } from "constructs";
import type { Settings } from "../settings.ts";
import { NAMES } from "../wiring.ts";

/**
 * The commands that install the agent: fetch its files, write its settings, run install.sh. The same for a new instance
 * (user data) and for one that exists (SSM document).
 */
export function installCommands(
  scope: IConstruct,
  settings: Settings,
  { agent, registrationUrl }: { agent: Asset; registrationUrl: string },
): string[] {
  const { region } = Stack.of(scope);
  const series =
    settings.timeSeries === "timestream"
      ? [`KEYTURN_TIMESTREAM_DATABASE=${NAMES.timestreamDatabase}`, `KEYTURN_TIMESTREAM_TABLE=${NAMES.timestreamTable}`]
      : [`KEYTURN_SERIES_TABLE=${NAMES.seriesTable}`];
  return [
    "set -eu",
    "files=$(mktemp -d)",
    'cd "$files"',
    `aws s3 cp --region ${region} --no-progress ${agent.s3ObjectUrl} agent.zip`,
    "python3 -m zipfile -e agent.zip .",
    "install -d -m 0755 /etc/keyturn",
    "cat > /etc/keyturn/agent.conf <<'END'",
    `KEYTURN_REGISTRATION_URL=${registrationUrl}`,
    `KEYTURN_TIME_SERIES=${settings.timeSeries}`,
    ...series,
    `KEYTURN_TICKET_TABLE=${NAMES.ticketTable}`,
    `KEYTURN_NONCE=${settings.nonce}`,
    `AWS_REGION=${region}`,
    "END",
    "sh install.sh",
    'cd / && rm -rf "$files"',
  ];
}
