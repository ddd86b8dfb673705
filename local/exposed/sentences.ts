import { executionEnded as executionStatusChanged } from "../../events/index.ts";
import { flowArn } from "../roles.ts";

/** What an execution that succeeded says of a key. */
interface Shut {
  accessKeyId: string;
  owner: string;
  done: string[];
}

/** Why a key was not touched. */
const UNTOUCHED: Record<string, string> = {
  ROOT: "it is the root user's, which only he can shut",
  OTHERS: "it is another account's",
  TEMPORARY: "it is a session's",
  NOBODY: "AWS knows no such key",
  UNKNOWN: "it could not be found out whose it is",
};

/**
 * What is told of an execution of the flow `exposed-key`: that it has begun, and of each of its keys what was done. What is found
 * and mailed meanwhile, events of their own tell.
 *
 * @param detail of any event on any bus
 */
export function exposedSentences(detailType: string, detail: Record<string, unknown>): string[] {
  if (detailType !== executionStatusChanged.detailType || detail.stateMachineArn !== flowArn("exposed-key")) return [];
  const { status, name, output, error, cause } = detail as Record<string, string | undefined>;
  if (status === "RUNNING") return [`EXPOSED  an execution of exposed-key has begun: ${name}.`];
  if (status !== "SUCCEEDED") {
    return [`EXPOSED  ${error?.replace(/^Keyturn\./, "") ?? status}: ${cause ?? "its history says why."}`];
  }
  const { keys } = JSON.parse(output ?? "{}") as { keys?: Shut[] };
  if (!keys?.length) return ["EXPOSED  no key was named that could be shut."];
  return keys.map(({ accessKeyId, owner, done }) => `${accessKeyId}  ${endOf(owner, done)}.`);
}

function endOf(owner: string, done: readonly string[]): string {
  if (done.length === 0) return `was not touched: ${UNTOUCHED[owner] ?? owner}`;
  return `is over: ${done.join(", ")}; CloudTrail was asked twice what was done with it`;
}
