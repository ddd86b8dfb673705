import { appendFileSync } from "node:fs";

/** A log that adds a line for each sentence to a file. */
export function appendLog(file: string): (sentence: string) => void {
  return (sentence) => appendFileSync(file, `${new Date().toISOString()} ${sentence}\n`);
}
