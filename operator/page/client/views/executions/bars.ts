import type { Step } from "../../../wire/executions.ts";

/** Where the bar of a step is, in hundredths of what all of them take. */
export interface Bar {
  from: number;
  width: number;
}

/**
 * Where the bars of steps are, over the time from the first one's beginning.
 *
 * @param until when the execution ended, or now
 */
export function barsOf(steps: readonly Step[], startedAt: number, until: number): Bar[] {
  const whole = Math.max(1, until - startedAt);
  const share = (at: number) => Math.min(100, Math.max(0, ((at - startedAt) / whole) * 100));
  return steps.map(({ enteredAt, exitedAt = until }) => {
    const from = share(enteredAt);
    return { from, width: Math.max(0, share(exitedAt) - from) };
  });
}
