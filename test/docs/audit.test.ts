import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ACTS } from "../../functions/audit/line.ts";
import { AUDIT_FAULTS } from "../../protocol/index.ts";

// docs/audit.md is what an auditor works with. Its commands are typed by test/cli and test/operator.

const document = readFileSync(join(import.meta.dirname, "../../docs/audit.md"), "utf8");

test("it tells of each act, and what each fault means, in the words of the check", () => {
  const [acts = ""] = /^\| `act` \| what took place .*?\n\n/ms.exec(document) ?? [];
  const rows = acts
    .match(/^\| `.*? \|/gm)
    ?.flatMap((row) => Array.from(row.matchAll(/`([\w-]+)`/g), ([, name]) => name));
  expect(rows, "docs/audit.md: a row for each of ACTS in functions/audit/line.ts").toEqual(["act", ...ACTS]);
  const faults = Array.from(document.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm), ([, name, means]) => [name, means]);
  const message = "docs/audit.md: a row for each of AUDIT_FAULTS in protocol/audit-check.ts, in its words";
  expect(Object.fromEntries(faults), message).toEqual(AUDIT_FAULTS);
});
