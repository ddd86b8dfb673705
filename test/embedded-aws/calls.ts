import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/** The signing name behind an SDK's package, or behind a word of the AWS CLI. */
const SIGNING_NAMES: Record<string, string> = {
  "lib-dynamodb": "dynamodb",
  "cloudwatch-logs": "logs",
  "secrets-manager": "secretsmanager",
  eventbridge: "events",
  sfn: "states",
  stepfunctions: "states",
  "timestream-query": "timestream",
  "timestream-write": "timestream",
};
const signingName = (name: string) => SIGNING_NAMES[name] ?? name;

/** The document client's commands are DynamoDB's with shorter names. */
const DOCUMENT_COMMANDS: Record<string, string> = {
  Get: "GetItem",
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
};
/** How an import looks once the comments, and with them the blanks, are gone. */
const IMPORT = /import\{([^}]*)\}from"@aws-sdk\/([\w-]+)"/g;
/** Commands that the CLI has beside the operations, and the operation behind each. */
const COMMANDS_OF_THE_CLI: Record<string, string> = {
  "aws logs tail": "aws logs filter-log-events",
  "aws dynamodb wait": "aws dynamodb describe-table",
};
const WAITERS: Record<string, string> = { waitUntilTableExists: "DescribeTable" };

export function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

export function files(pattern: string): string[] {
  return globSync(pattern, { cwd: ROOT, exclude: ["**/node_modules/**"] });
}

/**
 * What a program does and says: its text without its comments, and without what it imports and does not use. A remark
 * about an operation calls nothing, and a command in one is told to nobody.
 */
export function withoutComments(program: string): string {
  return transformSync(program, { loader: "ts", minifyWhitespace: true, legalComments: "none" }).code;
}

/** The operations that a program calls by the AWS SDK, as `service.Operation`. */
export function callsIn(file: string, program = read(file)): Set<string> {
  const text = withoutComments(program);
  const calls = new Set<string>();
  for (const [, names = "", client = ""] of text.matchAll(IMPORT)) {
    const service = signingName(client.replace(/^client-/, ""));
    for (const entry of names.split(",").map((name) => name.trim())) {
      const [imported = "", local = imported] = entry.split(" as ");
      const operation = operationOf(imported, client);
      const isCalled = new RegExp(`\\b(new )?${local}\\(`).test(text);
      if (operation !== undefined && isCalled) calls.add(`${service}.${operation}`);
    }
  }
  // A function's URL has no client in the SDK: who calls one signs for Lambda by hand.
  if (/new SignatureV4\(\{service:"lambda"/.test(text)) calls.add("lambda.InvokeFunctionUrl");
  return calls;
}

function operationOf(imported: string, client: string): string | undefined {
  const name = /^(?:paginate([A-Z]\w+)|([A-Z]\w+)Command)$/.exec(imported);
  const operation = name?.[1] ?? name?.[2];
  if (operation === undefined) return WAITERS[imported];
  return client === "lib-dynamodb" ? (DOCUMENT_COMMANDS[operation] ?? operation) : operation;
}

/** The operation that a command of the AWS CLI calls: `aws sns list-topics` is `sns.ListTopics`. */
export function operationOfCommand(command: string): string {
  const [, service = "", action = ""] = (COMMANDS_OF_THE_CLI[command] ?? command).split(" ");
  return `${signingName(service)}.${action.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;
}

/** The commands of the AWS CLI that a document tells, or a program prints, without their arguments. */
export function commandsIn(file: string, text = read(file)): string[] {
  // Only what stands in code: in prose "aws" is no command.
  const told = (file.endsWith(".ts") ? withoutComments(text) : text).matchAll(
    /(?<=^|[\s`"'(])aws ([a-z][a-z0-9-]+) ([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?=[\s`"'\\]|$)/gm,
  );
  return [...new Set(Array.from(told, ([, service, action]) => `aws ${service} ${action}`))];
}

/** The operations that the README of the embedded AWS names, as `service.Operation`; its own test holds it to the code. */
export function servedOperations(): string[] {
  const rows = read("packages/embedded-aws/README.md").matchAll(/^\| `(\w+)` \| ((?:`\w+` ?)+)\|/gm);
  return [...rows].flatMap(([, service, cell = ""]) =>
    Array.from(cell.matchAll(/`(\w+)`/g), ([, operation]) => `${service}.${operation}`),
  );
}
