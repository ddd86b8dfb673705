import { type Receipt, readTurnAnswer, UNKNOWN } from "../../protocol/index.ts";
import type { CommandState } from "../clients/commands.ts";

/** How a push ended, once its command is over. The names are errors that the rotation flow knows. */
export type PushAnswer =
  | { receipt: Receipt }
  | { error: "PushRefused" | "PushFailed" | "PushUndelivered"; cause: string };

/**
 * Reads what the agent printed. It is untrusted: of it, only what has the declared form goes on into the execution.
 *
 * @returns undefined while the command is under way
 */
export function readPushAnswer({ phase, status, output }: CommandState): PushAnswer | undefined {
  if (phase === "under way") return undefined;
  if (phase === "undelivered") {
    return { error: "PushUndelivered", cause: `The command did not reach the agent, or did not end: ${status}.` };
  }
  const answer = readTurnAnswer(jsonOrNull(output.trim()));
  if (answer === undefined) {
    return {
      error: "PushFailed",
      cause: `The agent's turn ended with ${status} and no receipt. Its log on the instance says why.`,
    };
  }
  if ("receipt" in answer) return answer;
  const why = answer.refused === UNKNOWN ? "for a reason that this version does not know" : answer.refused;
  return { error: "PushRefused", cause: `The agent refused the ticket: ${why}.` };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no answer; the caller says so in its words.
    return null;
  }
}
