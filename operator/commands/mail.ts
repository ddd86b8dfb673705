import { utc } from "../../functions/telling/time.ts";
import type { Run } from "../context.ts";
import { EXIT, misused, refused } from "../exits.ts";
import type { Output } from "../output/output.ts";
import { listMailNumbers, type NumberedMail, readMails } from "../reads/mails.ts";

export const run: Run = async ({ arguments: [wanted] }, { place }) => {
  if (wanted !== undefined && !/^\d{1,9}$/.test(wanted)) {
    throw misused(`"${wanted}" is no mail's number: \`keyturn mail\` lists them.`);
  }
  if (place.kind !== "here") {
    throw refused(
      `npm start does not run here, and an account's mails are kept by nobody: they lie in the inboxes of those who are subscribed to ${place.names.alertTopic} (\`keyturn doctor\` says who); what they told of is in \`keyturn findings\`.`,
    );
  }
  const numbers = await listMailNumbers(place);
  if (numbers.length === 0) throw refused("No mail was sent yet: nothing went wrong. `keyturn drill` sends one.");
  if (wanted === undefined) return list(await readMails(place, numbers));
  const [mail] = await readMails(place, [Number(wanted)]);
  if (mail === undefined) throw refused(`There is no mail ${wanted}: \`keyturn mail\` lists them.`);
  return { code: EXIT.done, document: mail, print: (out) => printOne(mail, out) };
};

function list(mails: NumberedMail[]) {
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

function printOne({ from, to, receivedAt, subject, text }: NumberedMail, out: Output): void {
  for (const line of [`From: ${from}`, `To: ${to}`, `Date: ${utc(receivedAt)}`, `Subject: ${subject}`, ""])
    out.line(line);
  for (const line of text.split("\n")) out.line(line);
}
