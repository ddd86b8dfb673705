import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf } from "../../operator/page/client/parts/markdown.ts";
import { sectionOf } from "../../operator/page/read/runbook.ts";

test("a paragraph is one line, and what is typed, a list or a table keeps its own", () => {
  const page =
    "**It means**: its key\nwas altered.\n\n```sh\nkeyturn show a1\n\nkeyturn rekey a1\n```\n\nSo\nit is.\n\n* one\n* two";
  expect(blocksOf(page)).toEqual([
    { is: "paragraph", text: "It means: its key was altered." },
    { is: "lines", text: "keyturn show a1\n\nkeyturn rekey a1" },
    { is: "paragraph", text: "So it is." },
    { is: "lines", text: "* one\n* two" },
  ]);
});

test("of a section of the runbook nothing is lost", () => {
  const text = sectionOf(readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8"), "First looks") ?? "";
  const bare = (of: string) =>
    of
      .replace(/^```.*$/gm, "")
      .replaceAll("**", "")
      .replace(/\s+/g, " ")
      .trim();
  expect(bare(text)).not.toBe("");
  expect(
    blocksOf(text)
      .map((block) => block.text)
      .join(" ")
      .replace(/\s+/g, " "),
  ).toBe(bare(text));
});
