import { expect, test } from "vitest";
import { files, read } from "./sources.ts";

const PACKAGE = "packages/embedded-aws";

/** The operations that the package's README lists; its own test holds that list against the code. */
const rows = [...read(`${PACKAGE}/README.md`).matchAll(/^\| `\w+` \| ((?:`\w+` ?)+)\|$/gm)];
const operations = rows.flatMap(([, cell = ""]) => cell.match(/\w+/g) ?? []);

test("every operation of the embedded AWS is called in a test of the package", () => {
  expect(operations.length).toBeGreaterThan(40);
  // members.test.ts calls them all, but only to see what they refuse.
  const calling = files(`${PACKAGE}/test/**/*.ts`).filter((file) => !file.endsWith("/members.test.ts"));
  const tests = calling.map(read).join("\n");
  const uncalled = operations.filter((name) => !new RegExp(`\\b${name}(Command)?\\b`).test(tests));
  const message = `Call these through the AWS SDK in ${PACKAGE}/test, in the folder of their service; see docs/changing.md`;
  expect(uncalled, message).toEqual([]);
});
