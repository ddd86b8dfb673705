import type { ExpectationRow, RunRow } from "../../operator/page/wire/plays.ts";
import type { Prepared } from "./desk.ts";
import type { Expectation, Fact, Met } from "./expectation.ts";

/** After so long nobody waits for anything any more, and whom it was played on is free for others. */
export const GIVEN_UP_MS = 600_000;

interface Kept {
  expectation: Expectation;
  met?: Met & { at: number };
}

/** A fault that was played, and what came of it so far. */
export class PlayRun {
  readonly number: number;
  readonly name: string;
  readonly id: string | undefined;
  readonly prepared: Prepared;
  readonly #title: string;
  readonly #startedAt: number;
  readonly #kept: Kept[];
  #failed: string | undefined;
  #isMended = false;

  constructor(
    { number, name, title, id, startedAt }: Pick<RunRow, "number" | "name" | "title" | "id" | "startedAt">,
    prepared: Prepared,
  ) {
    this.number = number;
    this.name = name;
    this.id = id;
    this.prepared = prepared;
    this.#title = title;
    this.#startedAt = startedAt;
    this.#kept = prepared.expectations.map((expectation) => ({
      expectation,
      ...(expectation.met && { met: { at: startedAt, ...expectation.met } }),
    }));
  }

  /** Ticks what a fact is. */
  take(fact: Fact, now: number): void {
    for (const one of this.#open()) {
      const met = one.expectation.metBy?.(fact);
      if (met !== undefined) one.met = { at: now, ...met };
    }
  }

  /** Looks for what no fact tells. @param now asked when something has come */
  async look(now: () => number): Promise<void> {
    for (const one of this.#open()) {
      const met = await one.expectation.look?.();
      if (met !== undefined) one.met = { at: now(), ...met };
    }
  }

  fail(sentence: string): void {
    this.#failed = sentence;
  }

  /** Whether somebody waits for something yet. */
  isOpen(now: number): boolean {
    if (this.#failed !== undefined || now - this.#startedAt > GIVEN_UP_MS) return false;
    return this.#kept.some(({ met }) => met === undefined);
  }

  /** Whether it shows nothing of what was done yet. */
  isFresh(now: number): boolean {
    const [first] = this.#kept;
    const by = this.#startedAt + (first?.expectation.withinMs ?? 0);
    return this.#failed === undefined && first?.met === undefined && now <= by;
  }

  /** Does what its button says, once. @returns whether there is such a button, and nobody has pressed it */
  async mend(now: () => number): Promise<boolean> {
    const one = this.#open().find(({ expectation }) => expectation.button !== undefined);
    if (one === undefined || this.prepared.mend === undefined || this.#isMended) return false;
    this.#isMended = true;
    try {
      await this.prepared.mend();
      one.met = { at: now() };
    } catch (error) {
      this.#isMended = false;
      throw error;
    }
    return true;
  }

  row(): RunRow {
    return {
      ...{ number: this.number, name: this.name, title: this.#title, startedAt: this.#startedAt },
      ...(this.id !== undefined && { id: this.id }),
      ...(this.#failed !== undefined && { failed: this.#failed }),
      expectations: this.#kept.map((_, index) => this.#rowOf(index)),
    };
  }

  #open(): Kept[] {
    if (this.#failed !== undefined) return [];
    return this.#kept.filter(({ met }, index) => met === undefined && this.#isDue(index));
  }

  #isDue(index: number): boolean {
    return this.#kept[index]?.expectation.follows !== true || this.#kept[index - 1]?.met !== undefined;
  }

  #rowOf(index: number): ExpectationRow {
    const { expectation, met } = this.#kept[index] as Kept;
    const { says, withinMs, follows, command, button } = expectation;
    const from = follows ? this.#kept[index - 1]?.met?.at : this.#startedAt;
    return {
      says,
      ...(withinMs !== undefined && from !== undefined && { by: from + withinMs }),
      ...(met !== undefined && { metAt: met.at }),
      ...(met?.said !== undefined && { said: met.said }),
      links: met?.links ?? [],
      ...(command !== undefined && { command }),
      ...(button !== undefined && { button }),
      isDue: this.#isDue(index),
    };
  }
}
