import type { Beats, Change, InstanceRow, LiveEvents, Snapshot, Trouble } from "../wire/live.ts";

/** What is read again and again. */
export interface Looking {
  snapshot(): Promise<Snapshot>;
  /** @param rows of the instances that were read last */
  beats(rows: readonly InstanceRow[]): Promise<Beats>;
  /** What went wrong, as a sentence for people. */
  said(error: unknown): string;
}

export type Send = <Name extends keyof LiveEvents>(name: Name, data: LiveEvents[Name]) => void;

export interface LiveTimes {
  /** The least time between two reads, and between two looks for new samples. */
  lookMs: number;
  beatMs: number;
}

/** A read is followed by a pause of this many times what it took: who looks is a guest, also where a fleet is large. */
const PAUSE_FOR_EACH = 3;
const LONGEST_MS = 10_000;

/**
 * Reads for as long as somebody looks, once for all who do, and sends what has changed.
 */
export class Live {
  readonly #looking: Looking;
  readonly #times: LiveTimes;
  readonly #now: () => number;
  readonly #senders = new Set<Send>();
  #last: Snapshot | undefined;
  #texts = new Map<string, string>();
  #beats: Beats = {};
  #trouble: Trouble | null = null;
  #running = false;

  constructor(looking: Looking, times: LiveTimes, now: () => number = Date.now) {
    this.#looking = looking;
    this.#times = times;
    this.#now = now;
  }

  /** @returns what ends it */
  subscribe(send: Send): () => void {
    this.#senders.add(send);
    if (this.#last !== undefined) send("snapshot", this.#last);
    send("beats", this.#beats);
    if (this.#trouble !== null) send("trouble", this.#trouble);
    this.#run();
    return () => this.#senders.delete(send);
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#repeat(this.#times.lookMs, () => this.#look());
    void this.#repeat(this.#times.beatMs, () => this.#beat()).finally(() => {
      this.#running = false;
    });
  }

  async #repeat(leastMs: number, work: () => Promise<void>): Promise<void> {
    while (this.#senders.size > 0) {
      const began = performance.now();
      await work();
      const took = performance.now() - began;
      await new Promise((resolve) =>
        setTimeout(resolve, Math.max(leastMs, Math.min(LONGEST_MS, PAUSE_FOR_EACH * took))),
      );
    }
  }

  async #look(): Promise<void> {
    try {
      const read = await this.#looking.snapshot();
      this.#clear();
      this.#tell(read);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #beat(): Promise<void> {
    if (this.#last === undefined) return;
    try {
      this.#beats = await this.#looking.beats(this.#last.instances);
      this.#send("beats", this.#beats);
    } catch (error) {
      this.#fail(error);
    }
  }

  #tell(read: Snapshot): void {
    const before = this.#last;
    const texts = new Map(read.instances.map((row) => [row.id, JSON.stringify(row)]));
    const former = this.#texts;
    this.#last = read;
    this.#texts = texts;
    if (before === undefined) {
      this.#send("snapshot", read);
      return;
    }
    const isOther = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other);
    const change: Change = {
      readAt: read.readAt,
      put: read.instances.filter(({ id }) => texts.get(id) !== former.get(id)),
      gone: [...former.keys()].filter((id) => !texts.has(id)),
      ...(isOther(before.standing, read.standing) && { standing: read.standing }),
      ...(isOther(before.credentials, read.credentials) && { credentials: read.credentials }),
    };
    this.#send("change", change);
  }

  #fail(error: unknown): void {
    this.#trouble = { message: this.#looking.said(error), since: this.#trouble?.since ?? this.#now() };
    this.#send("trouble", this.#trouble);
  }

  #clear(): void {
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#send("trouble", null);
  }

  #send: Send = (name, data) => {
    for (const send of this.#senders) send(name, data);
  };
}
