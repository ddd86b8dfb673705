/** The folder of a data folder in which `npm start` keeps each mail as a file of its own. */
export const MAIL_FOLDER = "mail";

/** A mail as it is kept. */
export interface KeptMail {
  from: string;
  to: string;
  /** Milliseconds since 1970. */
  receivedAt: number;
  subject: string;
  text: string;
}

/** The file of the mail that came as the n-th, from 1 on: `001.txt`, `002.txt` and so on. */
export function mailFileName(n: number): string {
  return `${String(n).padStart(3, "0")}.txt`;
}

/** As the how many-th a file's mail came; undefined for a file that is no mail's. */
export function mailNumberOf(name: string): number | undefined {
  const n = Number(/^(\d{3,})\.txt$/.exec(name)?.[1]);
  return n > 0 && mailFileName(n) === name ? n : undefined;
}

/** What stands in a mail's file. */
export function mailFileOf({ from, to, receivedAt, subject, text }: KeptMail): string {
  const head = { From: from, To: to, Date: new Date(receivedAt).toISOString(), Subject: subject };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\n`);
  return `${lines.join("")}\n${text}\n`;
}

/** The mail that stands in a file; what its head lacks is empty, and a time that is none is 0. */
export function mailFrom(file: string): KeptMail {
  const [head = "", ...paragraphs] = file.split("\n\n");
  const lineOf = (name: string) =>
    head
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? "";
  const receivedAt = Date.parse(lineOf("Date"));
  return {
    ...{ from: lineOf("From"), to: lineOf("To"), subject: lineOf("Subject") },
    receivedAt: Number.isNaN(receivedAt) ? 0 : receivedAt,
    text: paragraphs.join("\n\n").replace(/\n$/, ""),
  };
}
