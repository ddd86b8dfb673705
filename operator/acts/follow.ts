import { setTimeout as pause } from "node:timers/promises";
import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from "@aws-sdk/client-sfn";
import { Unseen } from "../exits.ts";
import type { Hand } from "./hand.ts";

/** How an execution is, or how it ended. */
export interface Execution {
  /** Empty where none was started, since what was asked for was refused. */
  arn: string;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  /** What it came to; empty where that is no object, as of one that runs or failed. */
  output: Record<string, unknown>;
  /** The error with which it failed, and its cause; each empty where there is none. */
  error: string;
  cause: string;
}

/** How long it is waited before the first look, and at most between two. */
const FIRST_MS = 300;
const LONGEST_MS = 5000;

interface Following {
  stopped: AbortSignal;
  onLook?: (() => void) | undefined;
  slower?: number;
  isEnough?: (seen: Execution) => boolean;
}

const isOver = ({ status }: Execution) => status !== "RUNNING";

/**
 * Waits until something is over, looking ever more rarely.
 *
 * @param look gives the execution as it is now; undefined while none is to be seen, as of one that was started a moment ago
 * @param given.stopped ends the waiting, not the execution
 * @param given.onLook is told after each look that found it under way
 * @param given.slower by how many times: where many are waited for at once
 * @param given.isEnough by what it is over; where left out, as soon as it runs no more
 * @returns undefined where it is not waited for any more
 */
export async function follow(
  look: () => Promise<Execution | undefined>,
  { stopped, onLook, slower = 1, isEnough = isOver }: Following,
): Promise<Execution | undefined> {
  const given = givenUp(stopped);
  for (let wait = FIRST_MS * slower; ; wait = Math.min(wait * 1.4, Math.max(FIRST_MS * slower, LONGEST_MS))) {
    await pause(wait, undefined, { signal: stopped }).catch(() => undefined);
    if (stopped.aborted) return undefined;
    // A look may take long, and whoever typed Ctrl-C does not wait for it.
    const seen = await Promise.race([look(), given]);
    if (stopped.aborted) return undefined;
    if (seen !== undefined && isEnough(seen)) return seen;
    onLook?.();
  }
}

async function givenUp(stopped: AbortSignal): Promise<undefined> {
  await new Promise((resolve) => stopped.addEventListener("abort", resolve, { once: true }));
}

/** An execution as Step Functions says that it is; undefined where there is none of its name, or not yet. */
export async function describe(arn: string, sfn: SFNClient): Promise<Execution | undefined> {
  try {
    const said = await sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    const status = said.status === "PENDING_REDRIVE" || said.status === undefined ? "RUNNING" : said.status;
    return { arn, status, output: objectIn(said.output), error: said.error ?? "", cause: said.cause ?? "" };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

/** An execution that is not waited for any more. */
export function running(arn: string): Execution {
  return { arn, status: "RUNNING", output: {}, error: "", cause: "" };
}

/** Waits until an execution that was started is over, and shows for how long that takes. @throws Unseen as `followBegun` */
export function waitFor(arn: string, hand: Hand): Promise<Execution> {
  const { sfn, now, out } = hand;
  const since = now();
  const onLook = () => out.progress(`under way for ${Math.floor((now() - since) / 1000)} s`);
  return followBegun(arn, () => describe(arn, sfn), { onLook }, hand);
}

/**
 * Follows what has begun already.
 *
 * @throws Unseen where a look fails: whoever read of that alone would have it begin once more
 */
export async function followBegun(
  arn: string,
  look: () => Promise<Execution | undefined>,
  how: Omit<Following, "stopped">,
  { stopped }: Pick<Hand, "stopped">,
): Promise<Execution> {
  try {
    return (await follow(look, { stopped, ...how })) ?? running(arn);
  } catch (error) {
    throw new Unseen(arn, error);
  }
}

/** What an execution of another version came to is read leniently. */
function objectIn(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
