import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { utc } from "../../functions/telling/time.ts";
import type { Run } from "../context.ts";
import { EXIT, misused, refused } from "../exits.ts";
import { type KeptMail, MAIL_FOLDER, mailFrom, mailNumberOf } from "../mail-file.ts";
import type { Output } from "../output/output.ts";

interface Numbered extends KeptMail {
  number: number;
}

export const run: Run = async ({ arguments: [wanted] }, { place }) => {
  if (wanted !== undefined && !/^\d{1,9}$/.test(wanted)) {
    throw misused(`"${wanted}" is no mail's number: \`keyturn mail\` lists them.`);
  }
  if (place.kind !== "here") {
    throw refused(
      `npm start does not run here, and an account's mails are kept by nobody: they lie in the inboxes of those who are subscribed to ${place.names.alertTopic} (\`keyturn doctor\` says who); what they told of is in \`keyturn findings\`.`,
    );
  }
  const folder = join(place.data, MAIL_FOLDER);
  const numbers = numbersIn(folder);
  if (numbers.size === 0) throw refused("No mail was sent yet: nothing went wrong. `keyturn drill` sends one.");
  if (wanted === undefined) return list([...numbers].map(([number, name]) => readMail(folder, number, name)));
  const name = numbers.get(Number(wanted));
  if (name === undefined) throw refused(`There is no mail ${wanted}: \`keyturn mail\` lists them.`);
  const mail = readMail(folder, Number(wanted), name);
  return { code: EXIT.done, document: mail, print: (out) => printOne(mail, out) };
};

/** The names of the files by the mails' numbers, the oldest first; none where no mail was sent yet. */
function numbersIn(folder: string): Map<number, string> {
  const found = namesIn(folder).flatMap((name): [number, string][] => {
    const number = mailNumberOf(name);
    return number === undefined ? [] : [[number, name]];
  });
  return new Map(found.toSorted(([one], [other]) => one - other));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function readMail(folder: string, number: number, name: string): Numbered {
  return { number, ...mailFrom(readFileSync(join(folder, name), "utf8")) };
}

function list(mails: Numbered[]) {
  return {
    code: EXIT.done,
    document: { mails: mails.map(({ text: _, ...mail }) => mail) },
    print: (out: Output) =>
      out.table(
        [{ title: "MAIL", align: "right" }, { title: "CAME" }, { title: "SUBJECT" }],
        mails.map(({ number, receivedAt, subject }) => [String(number), utc(receivedAt), subject]),
      ),
  };
}

function printOne({ from, to, receivedAt, subject, text }: Numbered, out: Output): void {
  for (const line of [`From: ${from}`, `To: ${to}`, `Date: ${utc(receivedAt)}`, `Subject: ${subject}`, ""])
    out.line(line);
  for (const line of text.split("\n")) out.line(line);
}
