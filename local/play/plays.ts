import { setInterval } from "node:timers";
import { refused } from "../../operator/exits.ts";
import type { PlayRow, PlaysDocument, RunRow } from "../../operator/page/wire/plays.ts";
import type { Instance } from "../../operator/reads/instances.ts";
import { clone } from "./clone.ts";
import { type Desk, isWell, type Play, type Prepared } from "./desk.ts";
import type { Fact } from "./expectation.ts";
import { expose } from "./expose.ts";
import { freeze } from "./freeze.ts";
import { impostor } from "./impostor.ts";
import { afterKill, kill } from "./kill.ts";
import { password } from "./password.ts";
import { PlayRun } from "./run.ts";
import { stop, stoppedBefore } from "./stop.ts";
import { tamper } from "./tamper.ts";

const PLAYS: readonly Play[] = [tamper, freeze, clone, stop, impostor, expose, password, kill];
const LOOK_MS = 1000;
/** More are forgotten, the oldest first. */
const MOST_RUNS = 50;
const NOBODY: Instance = { id: "", ec2InstanceId: "", status: "ACTIVE" };

/** The faults that can be played, and what comes of those that were. Kept for as long as this process lives. */
export class Plays {
  readonly #desk: Desk;
  readonly #runs: PlayRun[] = [];
  readonly #ended = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** When something was told of somebody last, by cause and subject: of whom nothing was is played on first. */
  readonly #told = new Map<string, number>();
  #last = 0;
  #isLooking = false;
  #knowsBefore = false;

  /** @param desk all but the number of the last run, which is counted here */
  constructor(desk: Omit<Desk, "lastRun">) {
    this.#desk = { ...desk, lastRun: () => this.#last };
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#timer.unref();
    const before = afterKill(this.#desk);
    if (before === undefined) return;
    this.#last = before.killed.number;
    this.#runs.unshift(new PlayRun({ ...before.killed, name: kill.name, title: kill.title }, before.prepared));
  }

  take(fact: Fact): void {
    const now = this.#desk.now();
    if (fact.kind === "event" && fact.type === "Finding Opened") this.#told.set(String(fact.detail.subject), now);
    for (const run of this.#runs) if (run.isOpen(now)) run.take(fact, now);
  }

  async document(): Promise<PlaysDocument> {
    const all = await this.#desk.instances();
    return {
      at: this.#desk.now(),
      plays: PLAYS.map((play) => this.#rowOf(play, all)),
      runs: this.#runs.map((run) => run.row()),
    };
  }

  /**
   * Plays a fault; it goes on after this has returned.
   *
   * @param id on whom; on whom it is best where it is left out
   * @throws Stopped with a sentence where there is no such play, or it makes no sense
   */
  async play(name: string, id?: string): Promise<RunRow> {
    const play = PLAYS.find((one) => one.name === name);
    if (play === undefined)
      throw refused(`There is no play of this name. There are ${PLAYS.map((one) => one.name).join(", ")}.`);
    const all = await this.#desk.instances();
    const { cannot, on } = this.#rowOf(play, all);
    if (id !== undefined && on !== undefined) this.#demand(id, all, on);
    if (cannot !== undefined) throw refused(cannot);
    const chosen = on === undefined ? undefined : (id ?? on[0]);
    const instance = all.find((one) => one.id === chosen) ?? NOBODY;
    const prepared = await play.prepare(this.#desk, instance);
    return this.#begin(play, chosen, prepared);
  }

  /** Does what the button of a run says. @throws Stopped where it has none that was not pressed */
  async mend(number: number): Promise<RunRow> {
    const run = this.#runs.find((one) => one.number === number);
    const isDone = await run?.mend(this.#desk.now);
    if (run === undefined || !isDone) throw refused("There is nothing of this run to be mended by a button just now.");
    return run.row();
  }

  /** Ends what goes on, as a copy that writes. */
  close(): void {
    clearInterval(this.#timer);
    this.#ended.abort();
  }

  #begin({ name, title }: Play, id: string | undefined, prepared: Prepared): RunRow {
    const { now, tell } = this.#desk;
    this.#last += 1;
    const of = { number: this.#last, name, title, startedAt: now(), ...(id !== undefined && { id }) };
    const run = new PlayRun(of, prepared);
    this.#runs.unshift(run);
    this.#runs.length = Math.min(this.#runs.length, MOST_RUNS);
    tell(`PLAY    ${title}${id === undefined ? "" : ` on ${id}`}. The page says what is to come of it.`);
    prepared.act(this.#ended.signal).catch((error: Error) => {
      if (!this.#ended.signal.aborted) run.fail(`It broke off: ${error.message}`);
    });
    return run.row();
  }

  #rowOf(play: Play, all: readonly Instance[]): PlayRow {
    const { name, title, does, isOnInstance } = play;
    const on = isOnInstance ? this.#fit(all) : undefined;
    const isUnderWay = !isOnInstance && this.#runs.some((run) => run.name === name && run.isOpen(this.#desk.now()));
    const cannot =
      play.cannot?.(this.#desk, all) ??
      (isUnderWay ? "It is being played: see what came of it." : undefined) ??
      (on?.length === 0 ? whyNobody(all) : undefined);
    return { name, title, does, ...(on !== undefined && { on }), ...(cannot !== undefined && { cannot }) };
  }

  /** Those with whom all is well, first those of whom nothing was told for the longest. */
  #fit(all: readonly Instance[]): string[] {
    const now = this.#desk.now();
    const busy = this.#runs.filter((run) => run.isFresh(now)).map(({ id }) => id);
    const toldAt = (id: string) => this.#told.get(id) ?? 0;
    return all
      .filter((one) => isWell(one) && !busy.includes(one.id))
      .map(({ id }) => id)
      .sort((one, other) => toldAt(one) - toldAt(other) || (one < other ? -1 : 1));
  }

  #demand(id: string, all: readonly Instance[], on: readonly string[]): void {
    if (on.includes(id)) return;
    const one = all.find((instance) => instance.id === id);
    if (one === undefined) throw refused(`No instance is registered under ${id}.`);
    if (isWell(one)) throw refused(`${id} is part of another play, which has not shown yet: wait some seconds.`);
    throw refused(
      `${id} is ${one.status}, and ${one.verdict ?? "not judged yet"}: choose one that is ACTIVE and MATCH, or mend this one first.`,
    );
  }

  /** Hosts that somebody stopped before this process began can be started here, too. */
  async #takeUp(): Promise<void> {
    const before = await stoppedBefore(this.#desk);
    this.#knowsBefore = true;
    for (const { id, prepared } of before) {
      if (this.#runs.some((run) => run.id === id)) continue;
      this.#last += 1;
      const of = { number: this.#last, name: stop.name, title: stop.title, startedAt: this.#desk.now(), id };
      this.#runs.unshift(new PlayRun(of, prepared));
    }
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      if (!this.#knowsBefore) await this.#takeUp();
      for (const run of this.#runs) if (run.isOpen(this.#desk.now())) await run.look(this.#desk.now);
    } catch {
      // AWS does not answer just now: a second later is soon enough.
    } finally {
      this.#isLooking = false;
    }
  }
}

function whyNobody(all: readonly Instance[]): string {
  return all.some(({ status }) => status !== "RETIRED")
    ? "No instance is ACTIVE and proves its key (MATCH) just now: mend one, or wait some seconds."
    : "No instance has registered yet: wait some seconds.";
}
