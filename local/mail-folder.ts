import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mail } from "embedded-aws";

/**
 * Keeps a mail as a file of its own, for people to read.
 *
 * @param folder made if it is not there
 * @returns the file's name: `001.txt`, `002.txt` and so on, as they came
 */
export function keepMail(folder: string, { from, to, subject, text, receivedAt }: Mail): string {
  mkdirSync(folder, { recursive: true });
  const name = `${String(readdirSync(folder).length + 1).padStart(3, "0")}.txt`;
  const head = `From: ${from}\nTo: ${to}\nDate: ${new Date(receivedAt).toISOString()}\nSubject: ${subject}\n`;
  writeFileSync(join(folder, name), `${head}\n${text}\n`);
  return name;
}
