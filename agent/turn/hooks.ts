import type { HookOutcome } from "../../protocol/index.ts";

/** What runs after a turn, at the operator's wish. */
export interface Hooks {
  folder: string;
  /** The names of those to run, in order. */
  list(): Promise<string[]>;
  /** Begins the runs of one attempt, which share a time limit. */
  begin(signal?: AbortSignal): HookRuns;
}

export interface HookRuns {
  /**
   * Runs one hook and waits for its end.
   *
   * @throws Failure if `signal` aborted: the hook then counts as not run; whatever keeps it from being begun
   */
  run(name: string, variables: Record<string, string>): Promise<HookOutcome>;
}

/** For an instance that has none. */
export const noHooks: Hooks = {
  folder: "",
  list: async () => [],
  begin: () => ({
    run: async (name) => {
      throw new Error(`there is no hook ${name}`);
    },
  }),
};
