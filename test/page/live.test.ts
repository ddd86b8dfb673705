import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Live, type Looking } from "../../operator/page/server/live.ts";
import type { Beats, InstanceRow, LiveEvents, Snapshot } from "../../operator/page/wire/live.ts";

// One loop for all who look, what they are told, and when. Time is made up, and so is what is read.

const TIMES = { lookMs: 700, beatMs: 500 };

function row(id: string, changes: Partial<InstanceRow> = {}): InstanceRow {
  return {
    ...{ id, ec2InstanceId: `i-${id}`, status: "ACTIVE", rank: 8 },
    needsAttention: false,
    tone: "good",
    words: [],
    ...changes,
  };
}

/** What is looked at: each read takes as long as it is told to, and gives what stands there then. */
class Desk implements Looking {
  instances: InstanceRow[] = [row("a1b2c3")];
  standing: Snapshot["standing"] = [];
  heard: Beats = {};
  takesMs = 10;
  failure: Error | undefined;
  beatFailure: Error | undefined;
  noted: string | undefined;
  reads = 0;
  atOnce = 0;
  mostAtOnce = 0;

  async snapshot(note: (sentence: string) => void): Promise<Snapshot> {
    this.reads += 1;
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    if (this.noted !== undefined) note(this.noted);
    await new Promise((resolve) => setTimeout(resolve, this.takesMs));
    this.atOnce -= 1;
    if (this.failure) throw this.failure;
    const { instances, standing } = this;
    return { readAt: Date.now(), instances: [...instances], standing, credentials: [], freshMs: 5000 };
  }

  async beats(): Promise<Beats> {
    if (this.beatFailure) throw this.beatFailure;
    return this.heard;
  }

  said = (error: unknown) => `Said: ${(error as Error).message}`;
}

type Told = { [Name in keyof LiveEvents]: [Name, LiveEvents[Name]] }[keyof LiveEvents];

let desk: Desk;
let live: Live;
function look(): {
  told: Told[];
  of: <Name extends keyof LiveEvents>(name: Name) => LiveEvents[Name][];
  end: () => void;
} {
  const told: Told[] = [];
  const end = live.subscribe((name, text) => told.push([name, JSON.parse(text)] as Told));
  return { told, of: (name) => told.filter(([one]) => one === name).map(([, data]) => data) as never, end };
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 28), toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  desk = new Desk();
  live = new Live(desk, TIMES);
});
afterEach(() => {
  live.close();
  vi.useRealTimers();
});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("reading", () => {
  test("begins with the first who looks, and ends with the last", async () => {
    await pass(5000);
    expect(desk.reads).toBe(0);
    const [one, other] = [look(), look()];
    await pass(2000);
    const read = desk.reads;
    expect(read).toBeGreaterThanOrEqual(3);
    one.end();
    await pass(2000);
    expect(desk.reads).toBeGreaterThan(read);
    other.end();
    const last = desk.reads;
    await pass(60_000);
    expect(desk.reads).toBe(last);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is one, and no more often, however many come and go", async () => {
    look();
    for (let n = 0; n < 200; n += 1) {
      const { end } = look();
      await pass(n % 40);
      end();
    }
    expect(desk.mostAtOnce).toBe(1);
    expect(desk.reads).toBeLessThanOrEqual(Math.ceil((200 * 20) / (TIMES.lookMs + desk.takesMs)) + 1);
  });

  test("is neither two nor none where the only one goes and comes at any moment", async () => {
    for (let n = 0; n < 150; n += 1) {
      const { end } = look();
      await pass(n);
      end();
      await pass(n % 3);
    }
    expect(desk.mostAtOnce).toBe(1);
    const before = desk.reads;
    const { of } = look();
    await pass(10 * (TIMES.lookMs + desk.takesMs));
    expect(desk.reads - before).toBeGreaterThanOrEqual(9);
    expect(desk.reads - before).toBeLessThanOrEqual(11);
    expect(of("beats").length).toBeGreaterThan(0);
  });

  test("goes on after one who came while the last read was under way", async () => {
    desk.takesMs = 300;
    look().end();
    await pass(100);
    const { of } = look();
    await pass(3000);
    expect(of("snapshot")).toHaveLength(1);
    expect(of("change").length).toBeGreaterThan(0);
  });

  test("takes at most a quarter of the time, and comes back after ten seconds at the latest", async () => {
    look();
    desk.takesMs = 2000;
    await pass(60_000);
    expect(desk.reads).toBeGreaterThanOrEqual(7);
    expect(desk.reads).toBeLessThanOrEqual(9);
    desk.takesMs = 60_000;
    await pass(80_000);
    const before = desk.reads;
    await pass(70_500);
    expect(desk.reads).toBe(before + 1);
  });

  test("ends where the page is closed, whoever looks", async () => {
    look();
    await pass(1000);
    live.close();
    // In a pause: nothing is waited for any more, which would hold the process up.
    expect(vi.getTimerCount()).toBe(0);
    const before = desk.reads;
    await pass(60_000);
    expect(desk.reads).toBe(before);
  });
});

describe("who looks is told", () => {
  test("all of it once, then what has changed, and nothing else", async () => {
    const { of } = look();
    await pass(100);
    expect(of("snapshot")).toEqual([
      { readAt: Date.now() - 90, instances: desk.instances, standing: [], credentials: [], freshMs: 5000 },
    ]);
    desk.instances = [row("a1b2c3", { verdict: "MISMATCH", tone: "bad" }), row("d4e5f6")];
    await pass(TIMES.lookMs + 50);
    expect(of("change")).toEqual([{ readAt: expect.any(Number), put: desk.instances, gone: [] }]);
    desk.instances = [row("d4e5f6")];
    desk.standing = [{ subject: "d4e5f6", cause: "STALE" } as Snapshot["standing"][number]];
    await pass(TIMES.lookMs + 50);
    expect(of("change").at(-1)).toEqual({
      readAt: expect.any(Number),
      put: [],
      gone: ["a1b2c3"],
      standing: desk.standing,
    });
    await pass(TIMES.lookMs + 50);
    expect(of("change").at(-1)).toEqual({ readAt: expect.any(Number), put: [], gone: [] });
    expect(of("snapshot")).toHaveLength(1);
  });

  test("of a change within two seconds", async () => {
    const { of } = look();
    for (let n = 0; n < 20; n += 1) {
      desk.instances = [row("a1b2c3", { generation: n })];
      const changedAt = Date.now();
      for (let waited = 0; waited < 2000 && !isTold(n); waited += 20) await pass(20);
      expect(Date.now() - changedAt, String(n)).toBeLessThan(2000);
      await pass(n * 7);
    }
    function isTold(n: number): boolean {
      const { instances: [first] = [] } = of("snapshot").at(-1) ?? {};
      return (of("change").at(-1)?.put[0] ?? first)?.generation === n;
    }
  });

  test("who comes later: all of it as it is by then, at once", async () => {
    look();
    desk.heard = { a1b2c3: 5 };
    await pass(2000);
    desk.instances = [row("d4e5f6")];
    await pass(2000);
    const { told } = look();
    expect(told).toEqual([
      [
        "snapshot",
        { readAt: expect.any(Number), instances: desk.instances, standing: [], credentials: [], freshMs: 5000 },
      ],
      ["beats", { a1b2c3: 5 }],
      ["trouble", null],
    ]);
  });

  test("who comes long after nobody looked: nothing of then", async () => {
    look().end();
    await pass(60_000);
    const { of } = look();
    expect(of("snapshot")).toEqual([]);
    await pass(20);
    expect(of("snapshot")).toHaveLength(1);
  });

  test("of samples as soon as it is known of whom, and then only of new ones", async () => {
    desk.heard = { a1b2c3: 5 };
    live = new Live(desk, { ...TIMES, beatMs: 30_000 });
    const { of } = look();
    await pass(50);
    expect(of("beats")).toEqual([{}, { a1b2c3: 5 }]);
    await pass(60_000);
    expect(of("beats")).toHaveLength(2);
    desk.heard = { a1b2c3: 6 };
    await pass(30_000);
    expect(of("beats").at(-1)).toEqual({ a1b2c3: 6 });
  });
});

describe("trouble", () => {
  const since = Date.UTC(2026, 10, 28) + 10;

  test("is told once, since when it is, and once that it is over", async () => {
    desk.failure = new Error("no way");
    const { of } = look();
    await pass(5000);
    expect(of("trouble")).toEqual([null, { message: "Said: no way", since }]);
    desk.failure = new Error("another way");
    await pass(1000);
    expect(of("trouble").at(-1)).toEqual({ message: "Said: another way", since });
    expect(look().of("trouble")).toEqual([{ message: "Said: another way", since }]);
    desk.failure = undefined;
    await pass(3000);
    expect(of("trouble")).toHaveLength(4);
    expect(of("trouble").at(-1)).toBeNull();
    expect(of("snapshot")).toHaveLength(1);
  });

  test("of samples is none of records: neither ends the other, and that nothing is read counts first", async () => {
    const { of } = look();
    await pass(100);
    desk.beatFailure = new Error("no samples");
    await pass(2000);
    expect(of("trouble").slice(1)).toEqual([expect.objectContaining({ message: "Said: no samples" })]);
    desk.failure = new Error("no records");
    await pass(2000);
    expect(of("trouble").at(-1)).toMatchObject({ message: "Said: no records" });
    desk.failure = undefined;
    await pass(2000);
    expect(of("trouble").at(-1)).toMatchObject({ message: "Said: no samples" });
    desk.beatFailure = undefined;
    await pass(2000);
    expect(of("trouble").at(-1)).toBeNull();
  });

  test("that AWS throttles is told while a read goes on, and until one has gone without", async () => {
    const { of } = look();
    await pass(100);
    desk.noted = "AWS throttles.";
    desk.takesMs = 1000;
    await pass(TIMES.lookMs);
    expect(of("trouble").at(-1)).toMatchObject({ message: "AWS throttles." });
    await pass(20_000);
    expect(of("trouble")).toHaveLength(2);
    desk.noted = undefined;
    await pass(6000);
    expect(of("trouble").at(-1)).toBeNull();
  });
});
