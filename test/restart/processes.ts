import { existsSync, readdirSync, readFileSync } from "node:fs";

export interface RunningProcess {
  pid: number;
  /** The program and its arguments, separated by spaces. */
  command: string;
}

/** The processes whose command line names something; none where there is no /proc to look into, as on macOS. */
export function processesThatName(text: string): RunningProcess[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return command.includes(text) ? [{ pid: Number(name), command }] : [];
    } catch {
      return []; // It has ended since the folder was read.
    }
  });
}
