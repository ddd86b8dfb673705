import type { ExecutionStatus, Outcome } from "../../../wire/executions.ts";
import type { Tone } from "../../../wire/live.ts";
import { partsOf } from "../../parts/links.ts";
import { span } from "../../time.ts";

/** How an execution is, in a word, and how that is to be looked upon. */
export const STATUS: Record<ExecutionStatus, { word: string; tone: Tone }> = {
  RUNNING: { word: "running", tone: "quiet" },
  SUCCEEDED: { word: "succeeded", tone: "good" },
  FAILED: { word: "failed", tone: "bad" },
  TIMED_OUT: { word: "timed out", tone: "bad" },
  ABORTED: { word: "aborted", tone: "warn" },
  PENDING_REDRIVE: { word: "waits to be redriven", tone: "warn" },
};

/** The same of a step. */
export const OUTCOME: Record<Outcome, { word: string; mark: string; tone: Tone }> = {
  running: { word: "running", mark: "…", tone: "quiet" },
  done: { word: "done", mark: "✓", tone: "good" },
  caught: { word: "failed, caught", mark: "!", tone: "warn" },
  failed: { word: "failed", mark: "✕", tone: "bad" },
  aborted: { word: "aborted", mark: "✕", tone: "warn" },
  "timed out": { word: "timed out", mark: "✕", tone: "bad" },
};

/** How long something took, as finely as one wants to know it: `85 ms`, `1.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function took(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const sizes = [86_400_000, 3_600_000, 60_000, 1000];
  const size = sizes.find((one) => ms >= one) ?? 1000;
  const rest = ms % size;
  const next = sizes[sizes.indexOf(size) + 1];
  return next === undefined || rest < next ? span(ms) : `${span(ms)} ${span(rest)}`;
}

/**
 * The ARN of the execution of another flow that has started one: its run.
 *
 * @param flow of the execution that was started, by which the prefix of the deployment is read off its ARN
 */
export function runArn(arn: string, flow: string, started: { by: string; run: string }): string {
  const { machine, name } = partsOf(arn);
  const [itself = ""] = machine.split("/");
  const prefix = itself.slice(0, -flow.length);
  return `${arn.slice(0, arn.length - `${machine}:${name}`.length)}${prefix}${started.by}:${started.run}`;
}
