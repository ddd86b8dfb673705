import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { namesIn } from "../in-stack.ts";
import type { Settings } from "../settings.ts";

/** The release of Amazon Linux 2023 that brought the package `nodejs24`; an image's repository is locked to its own. */
export const LEAST_RELEASE = "2023.9.20251110";

const INSTALL = new URL("./install.sh", import.meta.url);

/**
 * The lines of the shell script that installs the agent, or brings it up to date: the deployment's values, then install.sh.
 * The same for a new instance (user data) and for one that exists (SSM document).
 *
 * @param agent the folder with the agent's files, and the URL at which they lie in one archive
 */
export function installCommands(
  scope: IConstruct,
  settings: Settings,
  { agent, registrationUrl }: { agent: { folder: string; url: string }; registrationUrl: string },
): string[] {
  const { region } = Stack.of(scope);
  const names = namesIn(scope);
  const series =
    settings.timeSeries === "timestream"
      ? [`KEYTURN_TIMESTREAM_DATABASE=${names.timestreamDatabase}`, `KEYTURN_TIMESTREAM_TABLE=${names.timestreamTable}`]
      : [`KEYTURN_SERIES_TABLE=${names.seriesTable}`];
  return [
    ...assigned("region", [region]),
    ...assigned("bundle", [agent.url]),
    ...assigned("digests", digestsOf(agent.folder)),
    ...assigned("settings", [
      `KEYTURN_REGISTRATION_URL=${registrationUrl}`,
      `KEYTURN_TIME_SERIES=${settings.timeSeries}`,
      ...series,
      `KEYTURN_TICKET_TABLE=${names.ticketTable}`,
      `KEYTURN_NONCE=${settings.nonce}`,
      `AWS_REGION=${region}`,
    ]),
    ...assigned("least", [LEAST_RELEASE]),
    ...readFileSync(INSTALL, "utf8").split("\n"),
    // Not every service takes an empty line for one.
  ].filter((line) => line !== "");
}

/** A variable of the shell, of one line or several. No value has a quote in it. */
function assigned(name: string, lines: string[]): string[] {
  return `${name}='${lines.join("\n")}'`.split("\n");
}

/** What each file must be, as `sha256sum --check` reads it: whoever can write into the bucket cannot bring another agent. */
function digestsOf(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map(
      (file) =>
        `${createHash("sha256")
          .update(readFileSync(join(folder, file)))
          .digest("hex")}  ${file}`,
    );
}
