import { describe, expect, test } from "vitest";
import { callsIn, commandsIn, files, operationOfCommand, read, servedOperations, withoutComments } from "./calls.ts";
import { CALLED_ON_AWS_ONLY, ON_AWS_ONLY, REASONS, type Reason } from "./reasons.ts";

// The embedded AWS has the operations that somebody needs, and no others: each has a reason that stands in the tree.

const served = servedOperations();
const reasons = Object.entries(REASONS).flatMap(([service, operations]) =>
  Object.entries(operations).map(([name, reason]) => ({ service, name, operation: `${service}.${name}`, reason })),
);

const product = files("{functions,agent,infra,local,operator}/**/*.ts");
const conformance = "packages/embedded-aws/src/stepfunctions/conformance.ts";
const documents = [...files("{README.md,docs/**/*.md,agent/**/*.md,local/**/*.md}"), ...product];

/** Commands that test/cli runs and expects an answer of. */
const tried = Array.from(
  withoutComments(read("test/cli/aws-cli.test.ts")).matchAll(/answer\("([\w-]+)","([\w-]+)"/g),
  ([, service, action]) => `aws ${service} ${action}`,
);

/** What is wrong with a reason, or nothing. */
function faultOf(service: string, operation: string, reason: Reason): string | undefined {
  if ("calledIn" in reason) {
    // A test is no reason: whoever builds an operation would write one too.
    if (!product.includes(reason.calledIn)) return `${reason.calledIn} is no file of the product`;
    return callsIn(reason.calledIn).has(operation) ? undefined : `${reason.calledIn} does not call it`;
  }
  const { command } = reason;
  if (operationOfCommand(command) !== operation) return `"${command}" is another operation`;
  if ("in" in reason) {
    if (!documents.includes(reason.in)) return `${reason.in} is no document of the product`;
    return commandsIn(reason.in).includes(command) ? undefined : `${reason.in} does not tell "${command}"`;
  }
  const other = REASONS[service]?.[reason.beside];
  if (other === undefined || "beside" in other) return `${reason.beside} has no reason of its own`;
  return tried.includes(command) ? undefined : `test/cli does not try "${command}"`;
}

describe("each operation", () => {
  test("has a reason, and each reason an operation", () => {
    expect(served.length).toBeGreaterThan(40);
    const message =
      "Give each operation of the package's README a reason in test/embedded-aws/reasons.ts, and no other; \
or take it out of the package; see docs/changing.md";
    expect(served.toSorted(), message).toEqual(reasons.map(({ operation }) => operation).toSorted());
  });

  test.each(reasons)("$operation is called where the reason says", ({ service, operation, reason }) => {
    const message = `Name in test/embedded-aws/reasons.ts what needs ${operation}, or take it out of the package`;
    expect(faultOf(service, operation, reason), message).toBeUndefined();
  });
});

test("a comment is no reason, nor an import that nobody uses", () => {
  const used = 'import { SFNClient, StartExecutionCommand as Start } from "@aws-sdk/client-sfn";\nexport const x = ';
  expect([...callsIn("x.ts", `${used}send(/* so */ new Start({}));`)]).toEqual(["states.StartExecution"]);
  expect([...callsIn("x.ts", `${used}[SFNClient]; // new Start({})`)]).toEqual([]);
  expect([...callsIn("x.ts", `${used}[SFNClient /* new Start({}) */];`)]).toEqual([]);
  expect([...callsIn("x.ts", `${used}() => {\n  /** As new Start({}). */\n};`)]).toEqual([]);
  expect(commandsIn("x.ts", 'write("  aws ssm list-commands");')).toEqual(["aws ssm list-commands"]);
  expect(commandsIn("x.ts", 'write(/* `aws ssm list-commands` */ ""); // aws ssm list-commands')).toEqual([]);
});

describe("whatever is called is there", () => {
  test.each([...product, conformance].filter((file) => callsIn(file).size > 0))("what %s calls", (file) => {
    expect(
      [...callsIn(file)].filter((operation) => !served.includes(operation) && !CALLED_ON_AWS_ONLY.includes(operation)),
      `${file} calls these: build them in packages/embedded-aws, as docs/changing.md says, or do without`,
    ).toEqual([]);
  });

  test("what the documents and npm start tell to type, but for what is for a real account", () => {
    const commands = new Set(documents.flatMap((file) => commandsIn(file)));
    expect(commands.size).toBeGreaterThan(20);
    const unserved = [...commands].filter((command) => !served.includes(operationOfCommand(command)));
    const message =
      "Build what these commands call, as docs/changing.md says; or, if they are for a real account alone, list \
them in ON_AWS_ONLY of test/embedded-aws/reasons.ts, which lists no others";
    expect(unserved.toSorted(), message).toEqual(ON_AWS_ONLY.toSorted());
  });

  test("what test/cli tries", () => {
    expect(tried.length).toBeGreaterThan(15);
    expect(
      tried.filter((command) => !served.includes(operationOfCommand(command))),
      "test/cli/aws-cli.test.ts expects an answer of these, which the embedded AWS does not serve: take them out there",
    ).toEqual([]);
  });
});
