import { SAMPLE_INTERVAL_SECONDS } from "../../protocol/index.ts";
import { duration } from "../duration.ts";
import type { Places } from "../state/places.ts";
import type { ProgressFile } from "../state/progress.ts";

/** A sample is fresh for three intervals; a short interval is given some slack. */
const FRESH = { intervals: 3, leastMs: 15_000 };
const ALLOWED_SKEW_MS = 60_000;

/** What the control plane's last verdict means, if that is anything to worry about. */
export function verdictTrouble(progress: ProgressFile | undefined): string[] {
  const verdict = progress?.verdict;
  if (verdict !== "MISMATCH" && verdict !== "CONFLICT") return [];
  return [
    `The control plane had judged ${verdict} when this instance last registered: what was written in its name did not ` +
      `prove its key. What to do stands in docs/runbook.md, ${verdict}.`,
  ];
}

/** What is wrong with the daemon's samples, by what it notes of them. */
export function sampleTrouble(progress: ProgressFile | undefined, places: Places, now: number): string[] {
  const running = "Does the agent run (systemctl status keyturn-agent), and what does it log?";
  if (progress === undefined) return [`${places.progress} tells nothing of an agent that has run here. ${running}`];
  const { sampledAt, startedAt, sampleIntervalSeconds: every = SAMPLE_INTERVAL_SECONDS.default } = progress;
  const ageMs = now - (sampledAt ?? startedAt);
  if (ageMs < -ALLOWED_SKEW_MS) {
    return [
      `By this instance's clock the agent's last act is still to come: the clock was set back by ${duration(ageMs)}.`,
    ];
  }
  if (ageMs <= Math.max(FRESH.intervals * every * 1000, FRESH.leastMs)) return [];
  const last =
    sampledAt === undefined ? "No sample was written since the agent started," : "The last sample was written";
  return [`${last} ${duration(ageMs)} ago, while one is due every ${duration(every * 1000)}. ${running}`];
}
