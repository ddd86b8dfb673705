import { agentsOf, isAmong } from "./agents-of.ts";
import { concerned } from "./concerned.ts";
import { failureOf } from "./failure.ts";
import { BOOTING_MS, CALM_DAYS, type Happening, type Setup } from "./setup.ts";
import type { Outcome } from "./simulation.ts";
import { A_DAY_MS } from "./times.ts";

/** A simulation that failed, made as short as could be. */
export interface Shrunk {
  setup: Setup;
  plan: Happening[];
  outcome: Outcome;
  /** How often it was tried whether it fails still. */
  tries: number;
}

interface Around {
  /** Simulates once more. */
  trial: (setup: Setup, plan: Happening[]) => Promise<Outcome>;
  /** Whether there is no time left. */
  isOver: () => boolean;
  /** Told of each try that was shorter and still failed. */
  progress: (sentence: string) => void;
}

/**
 * Looks for the least that still shows the same failure: fewer agents, fewer happenings, fewer days, each tried by another
 * simulation. What it has found when the time is over, it gives.
 *
 * @param outcome of the simulation that failed
 */
export async function shrink(setup: Setup, outcome: Outcome, around: Around): Promise<Shrunk> {
  const elapsed = outcome.fleet.now - outcome.fleet.began;
  // What would have come later has done nothing yet.
  const plan = outcome.plan.filter(({ at }) => at <= elapsed);
  const days = Math.min(setup.days, Math.ceil(elapsed / A_DAY_MS) + (setup.calmDays ?? CALM_DAYS));
  const shrinking = new Shrinking({ setup: { ...setup, days }, outcome, plan, tries: 0 }, around);
  await shrinking.agents();
  await shrinking.happenings();
  await shrinking.agents();
  await shrinking.days();
  return shrinking.best;
}

class Shrinking {
  best: Shrunk;
  readonly #around: Around;
  readonly #failure: string;

  constructor(first: Shrunk, around: Around) {
    this.best = first;
    this.#around = around;
    this.#failure = failureOf(first.outcome.broken ?? "");
  }

  /** Those alone that the failure names, or as few as can be. */
  async agents(): Promise<void> {
    const { setup, outcome, plan } = this.best;
    const all = setup.alone ?? Array.from({ length: setup.agents }, (_, number) => number);
    const isShorter = (alone: number[]) => alone.length > 0 && alone.length < all.length;
    const keep = async (alone: number[]) =>
      isShorter(alone) &&
      (await this.#fails(
        { ...setup, alone },
        plan.filter((one) => isAmong(one, alone)),
      ));
    const named = concerned(outcome).agents;
    const befallen = all.filter(
      (number) => named.includes(number) || plan.some((one) => agentsOf(one).includes(number)),
    );
    if (await keep(named)) return;
    if (await keep(befallen)) return this.agents();
    await minimized(all, keep);
  }

  /** Only what must befall the fleet. */
  async happenings(): Promise<void> {
    const { setup, plan } = this.best;
    if (plan.length === 0 || (await this.#fails(setup, []))) return;
    await minimized(plan, (kept) => this.#fails(setup, kept));
  }

  /** Earlier, and no longer than is needed. */
  async days(): Promise<void> {
    const { setup, plan } = this.best;
    const { calmDays = CALM_DAYS } = setup;
    const [first, last] = [plan[0]?.at ?? 0, plan.at(-1)?.at ?? 0];
    const early = Math.max(0, first - BOOTING_MS);
    // By whole days, so that it stays as far from what comes each day; or as far as can be.
    for (const by of [early, Math.floor(early / A_DAY_MS) * A_DAY_MS, 0]) {
      const moved = plan.map((one) => ({ ...one, at: one.at - by }));
      // In no time at all nobody has booted: then everything is amiss, and not by what is looked for.
      for (let days = Math.max(1, Math.ceil((last - by) / A_DAY_MS) + calmDays); days < setup.days; days += 1) {
        if (await this.#fails({ ...setup, days }, moved)) return;
      }
    }
  }

  /** Whether it fails so as well; then this is the best so far. */
  async #fails(setup: Setup, plan: Happening[]): Promise<boolean> {
    const { trial, isOver, progress } = this.#around;
    if (isOver()) return false;
    const outcome = await trial(setup, plan);
    const tries = this.best.tries + 1;
    const fails = outcome.broken !== undefined && failureOf(outcome.broken) === this.#failure;
    this.best = fails ? { setup, plan, outcome, tries } : { ...this.best, tries };
    if (fails) {
      const { agents, alone, days } = setup;
      progress(
        `try ${tries}: it fails with ${alone?.length ?? agents} agents, ${plan.length} happenings, ${days} days as well`,
      );
    }
    return fails;
  }
}

/**
 * Delta debugging: of some things those of which none, and no half, can be left out.
 *
 * @param fails whether it fails with only these
 */
export async function minimized<Thing>(things: Thing[], fails: (kept: Thing[]) => Promise<boolean>): Promise<Thing[]> {
  let kept = things;
  for (let parts = 2; kept.length > 0; ) {
    const size = Math.ceil(kept.length / parts);
    let isShorter = false;
    for (let from = 0; from < kept.length && !isShorter; from += size) {
      const rest = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (!(await fails(rest))) continue;
      kept = rest;
      isShorter = true;
    }
    if (isShorter) parts = Math.max(2, parts - 1);
    else if (size === 1) return kept;
    else parts = Math.min(kept.length, 2 * parts);
  }
  return kept;
}
