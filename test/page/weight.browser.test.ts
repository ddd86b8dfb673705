import type { CDPSession, Page } from "playwright-core";
import { expect, test } from "vitest";
import { assets } from "../../operator/page/server/assets.ts";
import { pageDesk } from "./desk.ts";
import { inChromium } from "./in-chromium.ts";
import { TAMPERED } from "./made-up/names.ts";
import { madeUp } from "./made-up/world.ts";
import { settled, visit } from "./visitor.ts";

const MOST_AT_FIRST = 100_000;
/** What a browser's heap may grow by for each thousand of changes, in bytes: an hour with `npm start` has five thousand. */
const MOST_GROWTH = 60_000;
/** So often it is looked at, after so many changes each; at first, what is compiled and kept once is made. */
const LOOKS = 10;
const CHANGES_EACH = 200;
const ROUNDS = 6;
/** How many looks at the end count. */
const LAST = 5;
/** What a round through all views may leave behind, in bytes of the heap, of the first rounds; of what is drawn, nothing may be left. */
const MOST_LEFT = 100_000;
const ROUND = ["attention", `instance/${TAMPERED}`, "credentials", "executions", "inbox", "play", "audit", "fleet"];

inChromium("what the page weighs", (chromium) => {
  test("the first load is at most 100 kB, and what is loaded later is little", async () => {
    const desk = await pageDesk(madeUp("usual", Date.now()).options);
    const context = await chromium().newContext();
    try {
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send("Network.enable");
      let bytes = 0;
      session.on("Network.loadingFinished", ({ encodedDataLength }) => {
        bytes += encodedDataLength;
      });
      await page.goto(desk.address);
      await page.getByText("Live", { exact: true }).waitFor();
      await settled(page);
      const all = [...(await assets()).values()].reduce((sum, { gzipped }) => sum + gzipped.length, 0);
      process.stdout.write(
        `The page: ${kB(bytes)} at first, headers and answers included; all that it has is ${kB(all)}.\n`,
      );
      expect(bytes).toBeGreaterThan(10_000);
      expect(bytes).toBeLessThanOrEqual(MOST_AT_FIRST);
    } finally {
      await context.close();
      await desk.close();
    }
  });

  test("the heap does not grow with events: the tiles of a fleet in which everything changes all the time", async () => {
    const world = madeUp("usual", Date.now());
    const { instances } = world.snapshot;
    let looks = 0;
    /** Nothing is sent while the heap is looked at. */
    let rest: PromiseWithResolvers<void> | undefined;
    const desk = await pageDesk({
      ...world.options,
      times: { lookMs: 1, beatMs: 1 },
      snapshot: async () => {
        await rest?.promise;
        looks += 1;
        const changed = instances.map((row, at) => ({ ...row, generation: looks + at, lastProofAt: Date.now() }));
        return { ...world.snapshot, instances: changed, readAt: Date.now() };
      },
      beats: () => Object.fromEntries(instances.map(({ id }) => [id, looks])),
    });
    const visitor = await visit(chromium(), desk);
    try {
      const used = await usedAfter(visitor.page, LOOKS, async () => {
        rest?.resolve();
        rest = undefined;
        const until = looks + CHANGES_EACH;
        while (looks < until) await visitor.page.waitForTimeout(20);
        rest = Promise.withResolvers();
        await visitor.page.waitForTimeout(100);
      });
      rest?.resolve();
      const growth = (leastStep(used) * 1000) / CHANGES_EACH;
      process.stdout.write(`The page's heap: ${heapsOf(used)}; ${kB(growth)} more for a thousand changes.\n`);
      expect(growth).toBeLessThan(MOST_GROWTH);
      expect(leftOf(used)).toEqual({ nodes: 0, listeners: 0 });
    } finally {
      rest?.resolve();
      await visitor.close();
      await desk.close();
    }
  });

  test("who goes from view to view leaves nothing behind", async () => {
    const desk = await pageDesk(madeUp("usual", Date.now()).options);
    const visitor = await visit(chromium(), desk);
    try {
      const used = await usedAfter(visitor.page, ROUNDS, async () => {
        for (const view of ROUND) await visitor.goTo(view);
      });
      const left = leastStep(used);
      process.stdout.write(`The page's heap: ${heapsOf(used)}; ${kB(left)} more for each round of views.\n`);
      expect(left).toBeLessThan(MOST_LEFT);
      expect(leftOf(used)).toEqual({ nodes: 0, listeners: 0 });
    } finally {
      await visitor.close();
      await desk.close();
    }
  });
});

const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

/** What of a page is in use: bytes of its heap, and what is drawn or was and is still held. */
interface Used {
  heap: number;
  nodes: number;
  listeners: number;
}

/** What is in use after each of so many rounds, with nothing in it that could be collected: of the last of them. */
async function usedAfter(page: Page, rounds: number, round: () => Promise<void>): Promise<Used[]> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const used: Used[] = [];
  for (let n = 0; n < rounds; n += 1) {
    await round();
    used.push(await usedBy(session));
  }
  return used.slice(-LAST);
}

async function usedBy(session: CDPSession): Promise<Used> {
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize: heap } = await session.send("Runtime.getHeapUsage");
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return { heap, nodes: of("Nodes"), listeners: of("JSEventListeners") };
}

const heapsOf = (used: readonly Used[]) => used.map(({ heap }) => kB(heap)).join(", ");

/** A text that is just being exchanged is a node or two. */
const A_FEW = 10;

/** How many nodes and listeners there are more at the end than at the beginning, but for a few. */
function leftOf(used: readonly Used[]): { nodes: number; listeners: number } {
  const more = (of: (one: Used) => number) => {
    const all = used.map(of);
    const rise = (all.at(-1) ?? 0) - (all[0] ?? 0);
    return rise > A_FEW ? rise : 0;
  };
  return { nodes: more(({ nodes }) => nodes), listeners: more(({ listeners }) => listeners) };
}

/**
 * By how much the heap grew at the least from one look to the next. What leaks is there each time; what a browser compiles and keeps
 * comes whenever it has the time for it.
 */
function leastStep(used: readonly Used[]): number {
  return Math.min(...used.slice(1).map(({ heap }, at) => heap - (used[at]?.heap ?? 0)));
}
