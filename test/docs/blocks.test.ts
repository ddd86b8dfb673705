import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blocksOf, type Place } from "./blocks.ts";
import { ROOT } from "./desk.ts";

// What the runbook tells to type, and where: as the other test of it types it.

const blocks = blocksOf(readFileSync(join(ROOT, "docs/runbook.md"), "utf8"));

test("blocks are found with their marks, and what stands in running text beside them", () => {
  const text = [
    "## A\n\nRun `aws a b\n  --c`, or (`aws d e`, on AWS).\n",
    "```text\naws not this\n```\n",
    "### B\n```sh\n# a remark\naws f \\\n  --g 'h\n# no mark' | cat\n# on AWS\naws i \\\n  j\nfor x in 1 2; do\n  k $x\ndone\n```\n",
    "   ```sh\n   # on the instance\n   sudo l\n\n   sudo m\n   ```\n",
    "```sh\n# with timeSeries dynamodb\naws n o\n```\n",
    "Or, by the AWS CLI, on AWS,\nor here:\n\n```sh\naws p q\n```\n",
    "By the AWS CLI alone.\n\nSo:\n\n```sh\nnpx keyturn r s\n```\n",
  ].join("\n");
  const on = (place: Place, ...commands: string[]) => commands.map((command) => ({ place, command }));
  expect(blocksOf(text)).toEqual([
    { line: 3, section: "A", here: "aws a b --c", elsewhere: [] },
    { line: 4, section: "A", here: "", elsewhere: on("on AWS", "aws d e") },
    {
      line: 12,
      section: "B",
      here: "aws f \\\n  --g 'h\n# no mark' | cat\nfor x in 1 2; do\n  k $x\ndone",
      elsewhere: on("on AWS", "aws i \\\n  j"),
    },
    { line: 25, section: "B", here: "", elsewhere: on("on the instance", "sudo l", "sudo m") },
    { line: 32, section: "B", here: "", elsewhere: on("with timeSeries dynamodb", "aws n o") },
    { line: 40, section: "B", here: "aws p q", elsewhere: [], instead: true },
    { line: 48, section: "B", here: "npx keyturn r s", elsewhere: [] },
  ]);
});

test("most of it is typed beside npm start", () => {
  expect(blocks.length).toBeGreaterThan(30);
  const away = blocks.filter(({ elsewhere }) => elsewhere.some(({ place }) => place !== "on the instance"));
  const message = "docs/runbook.md: so much needs a real account that a test of the rest says little";
  expect(away.length, message).toBeLessThanOrEqual(blocks.length / 4);
  const here = blocks.filter(({ here }) => here !== "");
  expect(here.length, message).toBeGreaterThan(blocks.length / 2);
});

test("what is typed on an instance is marked so", () => {
  const onInstance = /(?:^|[|;&(`]\s*)(sudo|systemctl|journalctl|keyturn-agent)\b/m;
  const unmarked = blocks.filter(
    ({ here, elsewhere }) =>
      onInstance.test(here) ||
      elsewhere.some(({ place, command }) => place !== "on the instance" && onInstance.test(command)),
  );
  const message = 'docs/runbook.md: begin these blocks with the line "# on the instance"';
  expect(
    unmarked.map(({ line }) => line),
    message,
  ).toEqual([]);
  const inProse = readFileSync(join(ROOT, "docs/runbook.md"), "utf8").match(/`(sudo|systemctl|journalctl) [^`]+`/g);
  expect(inProse, 'docs/runbook.md: put these into blocks that begin with the line "# on the instance"').toBeNull();
});
