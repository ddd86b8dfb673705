import * as z from "zod/mini";
import type { CommandState } from "../clients/commands.ts";
import { receipt } from "./ticket.ts";

/** How a push ended, once its command is over. The names are errors that the rotation machine knows. */
export type PushAnswer =
  | { receipt: z.infer<typeof receipt> }
  | { error: "PushRefused" | "PushFailed" | "PushUndelivered"; cause: string };

const answer = z.union([
  z.strictObject({ receipt }),
  z.strictObject({
    refused: z.enum(["WRONG_ID", "WRONG_GENERATION", "WRONG_PROOF", "MALFORMED", "NO_KEY", "NONCE_MODE"]),
  }),
]);

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
  const parsed = answer.safeParse(jsonOrNull(output.trim()));
  if (!parsed.success) {
    return {
      error: "PushFailed",
      cause: `The agent's turn ended with ${status} and no receipt. Its log on the machine says why.`,
    };
  }
  if ("receipt" in parsed.data) return parsed.data;
  return { error: "PushRefused", cause: `The agent refused the ticket: ${parsed.data.refused}.` };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no answer; the caller says so in its words.
    return null;
  }
}
