import { expect, test } from "vitest";
import { commandsOf } from "../cli/told.ts";
import { files, read } from "./sources.ts";

// What CloudFormation makes a new version of, it does not make the default one: a launch template's stays the first for ever,
// and a document's is reported to. So whoever launches, or sends a command, names the newest.

const documents = files("**/*.md").filter((file) => file !== "CHANGELOG.md");
const programs = files("{functions,infra,local,operator,test/aws,test/flows}/**/*.ts");

/** What is typed, in documents and mails, and what programs do, each with its file. */
function found(inDocuments: RegExp, inPrograms: RegExp): string[] {
  const typed = documents.flatMap((file) =>
    commandsOf(read(file))
      .filter(({ command }) => inDocuments.test(command))
      .map(({ line, command }) => `${file}:${line}: ${command}`),
  );
  const done = programs.flatMap((file) => Array.from(read(file).matchAll(inPrograms), ([text]) => `${file}: ${text}`));
  return [...typed, ...done];
}

test("whoever launches from the launch template names its newest version", () => {
  const launches = found(/--launch-template\b/, /LaunchTemplate(?:Name)?: \{[^}]*\}|aws ec2 run-instances[^\n]*/g);
  expect(launches.length).toBeGreaterThan(2);
  expect(
    launches.filter((text) => !/'LaunchTemplateName=[\w-]+,Version=\$Latest'|Version: "\$Latest"/.test(text)),
    "Without a version, that of the first deployment is launched: add ,Version=$Latest, in single quotes for the shell",
  ).toEqual([]);
});

test("whoever sends a command with a document of Keyturn's names its newest version", () => {
  const sent = found(/ssm send-command\b/, /new SendCommandCommand\(\{[^}]*\}|aws ssm send-command[^\n]*/g);
  expect(sent.length).toBeGreaterThan(4);
  expect(
    sent.filter((text) => !/--document-version '\$LATEST' |DocumentVersion(: "\$LATEST")?,/.test(text)),
    "Without a version, an older one may run: add --document-version '$LATEST', or DocumentVersion: \"$LATEST\"",
  ).toEqual([]);
});
