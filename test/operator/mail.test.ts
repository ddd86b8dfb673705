import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mail } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepMail } from "../../local/mail-folder.ts";
import { MAIL_FOLDER, mailFileOf, mailFrom, mailNumberOf } from "../../operator/mail-file.ts";
import { RUNNING_FILE } from "../../operator/place/running.ts";
import { keyturn } from "./keyturn.ts";

const AT = Date.UTC(2026, 10, 26, 3, 4, 5);
const MAIL = {
  ...{ from: "keyturn@keyturn.example", to: "on-call@keyturn.example", receivedAt: AT },
  ...{ subject: "a1b2c3: its proofs do not fit", text: "What: MISMATCH\n\nWhat to do: look.\u001b[2J\n" },
};

const data = mkdtempSync(join(tmpdir(), "keyturn-mail-"));
beforeAll(() => {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const running = { pid: process.pid, endpoint: "http://127.0.0.1:9", region: "us-east-1", account: "0", credentials };
  writeFileSync(join(data, RUNNING_FILE), JSON.stringify(running));
  const folder = join(data, MAIL_FOLDER);
  mkdirSync(folder);
  for (const subject of [MAIL.subject, "Two"]) keepMail(folder, { ...MAIL, subject } as Mail);
  // From the thousandth on, a number has more digits.
  writeFileSync(join(folder, "1000.txt"), mailFileOf({ ...MAIL, subject: "Thousand" }));
  writeFileSync(join(folder, "notes"), "somebody's own");
});
afterAll(() => rmSync(data, { recursive: true }));
const typed = (...args: string[]) => keyturn(["mail", ...args, "--data", data]);

test("the mails are listed, the newest last", async () => {
  const { code, out, err } = await typed();
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => line.trim().replace(/ {2,}/g, " | ")),
  ).toEqual([
    "MAIL | CAME | SUBJECT",
    "1 | 2026-11-26 03:04:05 UTC | a1b2c3: its proofs do not fit",
    "2 | 2026-11-26 03:04:05 UTC | Two",
    "1000 | 2026-11-26 03:04:05 UTC | Thousand",
  ]);
});

test("one is shown in full, in which nothing moves a cursor, and as a document as it is", async () => {
  const { code, out } = await typed("1");
  expect({ code, out }).toEqual({
    code: 0,
    out:
      "From: keyturn@keyturn.example\nTo: on-call@keyturn.example\nDate: 2026-11-26 03:04:05 UTC\n" +
      "Subject: a1b2c3: its proofs do not fit\n\nWhat: MISMATCH\n\nWhat to do: look.?[2J\n\n",
  });
  expect(JSON.parse((await typed("2", "--json")).out)).toEqual({ number: 2, ...MAIL, subject: "Two" });
});

test.each([
  ["3", 3, "There is no mail 3"],
  ["one", 2, '"one" is no mail\'s number'],
])("%s is answered by %i and what to type", async (number, code, says) => {
  const ran = await typed(number);
  expect([ran.code, ran.out]).toEqual([code, ""]);
  expect(ran.err).toContain(`keyturn: ${says}: \`keyturn mail\` lists them.`);
});

test("on an account it says where mails are; 3", async () => {
  const { code, out, err } = await keyturn(["mail", "--aws", "--region", "eu-west-1"]);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toContain("the inboxes of those who are subscribed to keyturn-alerts");
});

test("a mail is read from its file as it was kept, and a file that is none is passed over", () => {
  expect(mailFrom(mailFileOf(MAIL))).toEqual(MAIL);
  expect(mailFrom("no head")).toEqual({ from: "", to: "", receivedAt: 0, subject: "", text: "" });
  expect(["001.txt", "1000.txt", "000.txt", "1.txt", "0001.txt", "x.txt"].map(mailNumberOf)).toEqual([
    ...[1, 1000],
    ...[undefined, undefined, undefined, undefined],
  ]);
});
