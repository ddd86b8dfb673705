import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mail } from "embedded-aws";
import { mailFileName, mailFileOf } from "../operator/mail-file.ts";

/**
 * Keeps a mail as a file of its own, for people to read.
 *
 * @param folder made if it is not there
 * @returns the file's name: `001.txt`, `002.txt` and so on, as they came
 */
export function keepMail(folder: string, { from, to, subject, text, receivedAt }: Mail): string {
  mkdirSync(folder, { recursive: true });
  const name = mailFileName(readdirSync(folder).length + 1);
  writeFileSync(join(folder, name), mailFileOf({ from, to, subject, text, receivedAt }));
  return name;
}
