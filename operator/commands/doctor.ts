import type { Run } from "../context.ts";
import type { Check } from "../doctor/check.ts";
import { awsDeployment } from "../doctor/deployment.aws.ts";
import { type Examined, examine } from "../doctor/examine.ts";
import { EXIT, type ExitCode } from "../exits.ts";
import type { Output, Style } from "../output/output.ts";

const STYLES: Record<Check["is"], Style> = { ok: "green", attention: "red", unknown: "yellow" };

export const run: Run = async (_given, context) => {
  const examined = await examine(awsDeployment(context), context);
  const { checks, leftOut } = examined;
  const { kind, stack } = context.place;
  return {
    code: codeOf(examined),
    document: { place: { kind, stack }, checks, leftOut },
    print: (out) => print(examined, out),
  };
};

function codeOf({ isThere, checks }: Examined): ExitCode {
  if (!isThere) return EXIT.nowhere;
  return checks.some(({ is }) => is === "attention") ? EXIT.attention : EXIT.done;
}

function print({ checks, leftOut }: Examined, out: Output): void {
  out.table(
    [{ title: "CHECK" }, { title: "IS" }, { title: "WHAT" }],
    checks.map(({ name, is, says }) => [name, { text: is, style: STYLES[is] }, says]),
  );
  for (const { name, todo = [] } of checks) {
    if (todo.length === 0) continue;
    out.line("");
    out.line(`${name}:`);
    for (const line of todo) out.line(`  ${line}`);
  }
  if (leftOut.length > 0) {
    out.line("");
    out.line(`Left out, as they are on an AWS account only: ${leftOut.join(", ")}.`);
  }
}
