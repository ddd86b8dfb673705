import { join } from "node:path";

/** The log stream of every function. */
export const STREAM = "local";

/** Where a function's output goes. */
export function logFileOf(folder: string, name: string): string {
  return join(folder, `${name}.log`);
}

/** What is printed, as it stands in a log file: before each line the time, which CloudWatch keeps beside it. */
export function stamped(text: string, time: Date): string {
  return text.replace(/^(?=.)/gm, `${time.toISOString()}\t`);
}

/** A line of a log file: its time in milliseconds since 1970, and what was printed. Nothing of what is no such line. */
export function readLine(line: string): { time: number; message: string } | undefined {
  const [, time = "", message = ""] = /^([\d-]{10}T[\d:.]{12}Z)\t(.*)$/.exec(line) ?? [];
  return time === "" ? undefined : { time: Date.parse(time), message };
}
