import { sameText } from "../../same-text.ts";
import type { Branch, Execution } from "../execution.ts";

/** A token for the Task that a branch is about to begin: says where it belongs, and cannot be guessed. */
export function newToken(execution: Execution, branch: Branch, random: (bytes: number) => Buffer): string {
  const place = [execution.record.id, branch.id, execution.nextEvent].join(".");
  return Buffer.from(`${place}.${random(32).toString("hex")}`).toString("base64url");
}

/** Where a token says that it belongs, or nothing if it is none of ours. */
export function readToken(token: string): { execution: number; branch: number } | undefined {
  const parts = /^(\d+)\.(\d+)\.\d+\.[0-9a-f]{64}$/.exec(Buffer.from(token, "base64url").toString("utf8"));
  return parts === null ? undefined : { execution: Number(parts[1]), branch: Number(parts[2]) };
}

/** Whether a branch waits for this very token. */
export function waitsFor(branch: Branch | undefined, token: string): boolean {
  const { phase } = branch ?? {};
  return phase?.at === "task" && phase.token !== undefined && sameText(phase.token, token);
}
