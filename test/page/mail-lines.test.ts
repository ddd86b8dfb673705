import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ADVICE } from "../../functions/telling/advice.ts";
import { findingMail } from "../../functions/telling/finding-mail.ts";
import { gatheredMail } from "../../functions/telling/gathered-mail.ts";
import { aboutIn, mailLines, sectionIn } from "../../operator/page/client/views/inbox/mail-lines.ts";
import { sectionOf } from "../../operator/page/read/runbook.ts";
import { finding, HOUR, NOW } from "../operator/support.ts";

const EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:keyturn-watch:a-look";
const MISMATCH = finding({ subject: "0a1b2c", cause: "MISMATCH", facts: { ec2InstanceId: "i-0123456789abcdef0" } });
const SEAL = { day: "2026-11-27", digest: "ab".repeat(32) };
const ONE = findingMail(MISMATCH, NOW).text;
const GATHERED = gatheredMail({ standing: [MISMATCH], ended: [] }, { execution: EXECUTION, seal: SEAL }).text;
const BEHIND = findingMail(
  finding({
    ...{ subject: "orders/db", cause: "ConsumersBehind", since: NOW - HOUR },
    facts: { behind: [{ consumer: "aws sdk", why: "NOT_SEEN" }], said: "aws was not seen" },
  }),
  NOW,
).text;

const piecesOf = (text: string, is: string) =>
  mailLines(text)
    .flat()
    .filter((piece) => piece.is === is)
    .map((piece) => piece.text);

test.each([
  ["of one finding", ONE],
  ["that gathers", GATHERED],
  ["of a credential", BEHIND],
])("a mail %s is shown whole, to the letter", (_, text) => {
  const shown = mailLines(text).map((pieces) => pieces.map((piece) => piece.text).join(""));
  expect(shown.join("\n")).toBe(text.trimEnd());
});

test("the execution that found it leads to where it is shown, the address of AWS's console does not", () => {
  expect(ONE.split(EXECUTION)).toHaveLength(3);
  expect(piecesOf(ONE, "execution")).toEqual([EXECUTION]);
});

test("all that is typed can be copied, and no sentence about it", () => {
  const typed = piecesOf(GATHERED, "command");
  expect(typed.filter((line) => line.startsWith("npx keyturn "))).toEqual([
    "npx keyturn rekey 0a1b2c --region eu-west-1",
    expect.stringContaining("npx keyturn findings"),
    expect.stringContaining(`npx keyturn report --seal 2026-11-27=${SEAL.digest}`),
  ]);
  expect(typed.every((line) => /^(npx keyturn|aws) /.test(line))).toBe(true);
  expect(typed.some((line) => line.includes("is typed in"))).toBe(false);
  expect(piecesOf(BEHIND, "command").some((line) => line.startsWith("aws sdk"))).toBe(false);
});

test.each(Object.keys(ADVICE))("what is typed about %s can be copied", (cause) => {
  const about = cause.startsWith("Exposed") || cause.startsWith("AccessKey") ? "AKIAIOSFODNN7EXAMPLE" : "0a1b2c";
  const { text } = findingMail(finding({ subject: about, cause }), NOW);
  const typed = text.split("\n").filter((line) => /: +(npx keyturn|aws) /.test(line));
  expect(piecesOf(text, "command")).toEqual(typed.map((line) => line.replace(/^[^:]+: +/, "")));
});

test("whom it is about is known of a mail about one, and of one that gathers it is not", () => {
  expect([ONE, BEHIND, GATHERED].map(aboutIn)).toEqual(["0a1b2c", "orders/db", undefined]);
  expect(aboutIn(ONE.replace(/^About: .*/m, "About:      the fleet"))).toBe("fleet");
});

test("the section of the runbook that a mail about one names can be read in the page, for each cause", async () => {
  expect([ONE, BEHIND, GATHERED].map(sectionIn)).toEqual(["MISMATCH", "ConsumersBehind", undefined]);
  const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
  const sections = Object.values(ADVICE).map(({ section }, at) => section ?? Object.keys(ADVICE)[at] ?? "");
  expect(sections.filter((section) => !sectionOf(runbook, section))).toEqual([]);
});

test("a section goes on to the next heading that is no deeper; what is typed has none", () => {
  const page = "# One\n\n## Two\n\ntext\n\n```sh\n# on AWS\naws\n```\n\n### Three\n\nmore\n\n## Four\n\nlast\n";
  expect(sectionOf(page, "Two")).toBe("text\n\n```sh\n# on AWS\naws\n```\n\n### Three\n\nmore");
  expect(sectionOf(page, "Three")).toBe("more");
  expect(sectionOf(page, "Four")).toBe("last");
  expect(sectionOf(page, "on AWS")).toBeUndefined();
});
