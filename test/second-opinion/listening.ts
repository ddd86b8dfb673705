import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * The addresses on which a process listens for TCP, as the kernel writes them: `0100007F:11D7` is port 4567 of
 * 127.0.0.1. For Linux only.
 */
export function listening(pid: number): string[] {
  const files = readdirSync(`/proc/${pid}/fd`).map((file) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${file}`);
    } catch {
      return ""; // It was closed since the folder was read.
    }
  });
  const lines = ["tcp", "tcp6"].flatMap((kind) => readFileSync(`/proc/${pid}/net/${kind}`, "utf8").split("\n"));
  return lines.flatMap((line) => {
    const [, local = "", , state, , , , , , socket] = line.trim().split(/\s+/);
    return state === "0A" && files.includes(`socket:[${socket}]`) ? [local] : [];
  });
}
