import type { Beats, Change, InstanceRow, LiveEvents, Snapshot, Trouble } from "../wire/live.ts";
import { Loop } from "./loop.ts";

/** What is read again and again. */
export interface Looking {
  /** @param note is told what there is to know meanwhile, as that AWS throttles */
  snapshot(note: (sentence: string) => void): Promise<Snapshot>;
  /** @param rows of the instances that were read last */
  beats(rows: readonly InstanceRow[]): Promise<Beats>;
  /** What went wrong, as a sentence for people. */
  said(error: unknown): string;
}

/** Takes an event: its name, and its data as JSON, which is made once for all who look. */
export type Send = (name: keyof LiveEvents, text: string) => void;

export interface LiveTimes {
  /** The least time between two reads, and between two looks for new samples. */
  lookMs: number;
  beatMs: number;
}

/** What was read when nobody looked any more is shown again for so long, while it is read anew. */
const FORGOTTEN_AFTER_MS = 10_000;

const NO_BEATS = "{}";

/**
 * Where trouble comes from, each with its own beginning and end: that nothing can be read counts first, then that no samples can,
 * then that AWS is slow.
 */
const SOURCES = ["look", "beats", "note"] as const;
type Source = (typeof SOURCES)[number];

/**
 * Reads for as long as somebody looks, once for all who do, and sends what has changed.
 */
export class Live {
  readonly #looking: Looking;
  readonly #now: () => number;
  readonly #senders = new Set<Send>();
  readonly #looks: Loop;
  readonly #beating: Loop;
  #last: Snapshot | undefined;
  /** The rows of it as JSON, by their IDs, and the rest of it. */
  #rows = new Map<string, string>();
  #standing = "";
  #credentials = "";
  #beats = NO_BEATS;
  #told: Trouble | null = null;
  readonly #troubles = new Map<Source, Trouble>();

  constructor(looking: Looking, { lookMs, beatMs }: LiveTimes, now: () => number = Date.now) {
    this.#looking = looking;
    this.#now = now;
    this.#looks = new Loop(lookMs, () => this.#look());
    this.#beating = new Loop(beatMs, () => this.#beat());
  }

  /** @returns what ends it */
  subscribe(send: Send): () => void {
    if (this.#senders.size === 0) this.#forget();
    // Two of the same would be one.
    const own: Send = (name, text) => send(name, text);
    this.#senders.add(own);
    for (const [name, text] of this.everything()) own(name, text);
    this.#looks.start();
    this.#beating.start();
    return () => {
      this.#senders.delete(own);
      if (this.#senders.size === 0) this.close();
    };
  }

  /** All that is known just now, as events, for who has none of those before, or has missed some. */
  everything(): [name: keyof LiveEvents, text: string][] {
    return [
      ...(this.#last === undefined ? [] : [["snapshot", this.#snapshotText(this.#last)] as [keyof LiveEvents, string]]),
      ["beats", this.#beats],
      ["trouble", JSON.stringify(this.#told)],
    ];
  }

  /** Reads no more, until somebody comes. */
  close(): void {
    this.#looks.stop();
    this.#beating.stop();
  }

  /** Takes what somebody has read already as the first look. */
  takeFirst(read: Snapshot): void {
    this.#take(read);
  }

  async #look(): Promise<void> {
    let isNoted = false;
    const note = (message: string) => {
      isNoted = true;
      this.#fail("note", message);
    };
    try {
      const read = await this.#looking.snapshot(note);
      this.#clear("look");
      const isFirst = this.#last === undefined;
      this.#send(...this.#take(read));
      // Until now nobody knew of whom to ask.
      if (isFirst) this.#beating.soon();
    } catch (error) {
      this.#fail("look", this.#looking.said(error));
    }
    if (!isNoted) this.#clear("note");
  }

  async #beat(): Promise<void> {
    if (this.#last === undefined) return;
    try {
      const beats = JSON.stringify(await this.#looking.beats(this.#last.instances));
      this.#clear("beats");
      if (beats !== this.#beats) this.#send("beats", beats);
      this.#beats = beats;
    } catch (error) {
      this.#fail("beats", this.#looking.said(error));
    }
  }

  /** @returns the event that says it */
  #take(read: Snapshot): [name: "snapshot" | "change", text: string] {
    const former = { last: this.#last, rows: this.#rows, standing: this.#standing, credentials: this.#credentials };
    this.#last = read;
    this.#rows = new Map(read.instances.map((row) => [row.id, JSON.stringify(row)]));
    this.#standing = JSON.stringify(read.standing);
    this.#credentials = JSON.stringify(read.credentials);
    if (former.last === undefined || former.last.freshMs !== read.freshMs)
      return ["snapshot", this.#snapshotText(read)];
    const put = [...this.#rows].filter(([id, text]) => former.rows.get(id) !== text).map(([, text]) => text);
    const change: Pick<Change, "readAt" | "gone"> = {
      readAt: read.readAt,
      gone: [...former.rows.keys()].filter((id) => !this.#rows.has(id)),
    };
    const parts = [
      `"put":[${put.join(",")}]`,
      ...(former.standing === this.#standing ? [] : [`"standing":${this.#standing}`]),
      ...(former.credentials === this.#credentials ? [] : [`"credentials":${this.#credentials}`]),
    ];
    return ["change", `${JSON.stringify(change).slice(0, -1)},${parts.join(",")}}`];
  }

  /** A snapshot of the texts that there are already: made anew, thousands of rows would hold up everything else. */
  #snapshotText({ readAt, freshMs }: Snapshot): string {
    const rest = JSON.stringify({ readAt, freshMs } satisfies Partial<Snapshot>).slice(0, -1);
    const rows = [...this.#rows.values()].join(",");
    return `${rest},"instances":[${rows}],"standing":${this.#standing},"credentials":${this.#credentials}}`;
  }

  #forget(): void {
    if (this.#last === undefined || this.#now() - this.#last.readAt < FORGOTTEN_AFTER_MS) return;
    this.#last = undefined;
    this.#rows = new Map();
    this.#beats = NO_BEATS;
  }

  #fail(source: Source, message: string): void {
    const since = this.#troubles.get(source)?.since ?? this.#now();
    this.#troubles.set(source, { message, since });
    this.#tellTrouble();
  }

  #clear(source: Source): void {
    if (this.#troubles.delete(source)) this.#tellTrouble();
  }

  /** Tells the worst of what is wrong, where that is another than was told last. */
  #tellTrouble(): void {
    const worst = SOURCES.map((source) => this.#troubles.get(source)).find((one) => one !== undefined) ?? null;
    const text = JSON.stringify(worst);
    if (text === JSON.stringify(this.#told)) return;
    this.#told = worst;
    this.#send("trouble", text);
  }

  #send: Send = (name, text) => {
    for (const send of this.#senders) send(name, text);
  };
}
