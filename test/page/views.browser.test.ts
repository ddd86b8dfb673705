import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServedPage } from "../../operator/page/server/serve.ts";
import { pageDesk } from "./desk.ts";
import { inChromium } from "./in-chromium.ts";
import { ANIMATIONS, BACKGROUND, toView } from "./in-page.ts";
import { madeUp, type State } from "./made-up/world.ts";
import { VIEWS_SEEN, type ViewSeen } from "./views-seen.ts";
import { settled, type Visitor, visit } from "./visitor.ts";

const WIDTHS = [360, 768, 1920];
const THROTTLED = "AWS throttles what is asked of it: it is tried again, and takes longer.";
const REFUSED = "AWS does not answer: connect ECONNREFUSED 127.0.0.1:1. Nothing was changed.";

interface Case {
  title: string;
  state: State;
  readOnly?: true;
  noting?: string;
  colorScheme?: "light" | "dark";
  views?: readonly ViewSeen[];
}

const ALL = Object.keys(VIEWS_SEEN) as ViewSeen[];

const CASES: Case[] = [
  {
    ...{ title: "empty", state: "empty" },
    views: [
      ...(["the fleet", "what stands", "an instance that nobody knows", "credentials", "executions"] as const),
      ...(["an execution that failed", "an audit that holds", "the inbox", "a mail", "what can be played"] as const),
    ],
  },
  { title: "usual", state: "usual" },
  {
    ...{ title: "usual, dark", state: "usual", colorScheme: "dark" },
    views: [
      ...(["the fleet", "what stands", "an instance that was tampered with", "credentials", "executions"] as const),
      ...(["an execution that failed", "an audit that does not hold", "a mail", "what can be played"] as const),
    ],
  },
  {
    ...{ title: "full", state: "full" },
    views: [
      ...(["the fleet", "what stands", "an instance that was tampered with", "credentials", "executions"] as const),
      ...(["an execution that failed", "an audit that holds", "the inbox"] as const),
    ],
  },
  { title: "a crowd, dark", state: "crowd", colorScheme: "dark", views: ["the fleet"] },
  { title: "throttled", state: "usual", noting: THROTTLED, views: ["the fleet"] },
  {
    title: "read-only",
    state: "usual",
    readOnly: true,
    views: ["the fleet", "what stands", "an execution that failed"],
  },
];

inChromium("what one looks at", (chromium) => {
  describe.each(CASES)("$title", ({ state, readOnly = false, noting = "", colorScheme = "light", views = ALL }) => {
    let desk: ServedPage;
    let visitor: Visitor;
    beforeAll(async () => {
      const world = madeUp(state, Date.now(), { readOnly });
      world.noting = noting;
      desk = await pageDesk(world.options);
      visitor = await visit(chromium(), desk, { colorScheme });
    });
    afterAll(async () => {
      await visitor?.close();
      await desk?.close();
    });

    test.each(views)("%s: nobody is shut out, and nothing is wider than the window", async (view) => {
      await visitor.goTo(VIEWS_SEEN[view]);
      expect(await visitor.page.locator("h1").count(), "each view has one h1").toBe(1);
      if (noting !== "") await visitor.page.getByRole("alert").filter({ hasText: noting }).waitFor();
      const wider: Record<number, number> = {};
      for (const width of WIDTHS) wider[width] = Math.max(0, await visitor.overflowAt(width));
      expect(wider, "the page is scrolled sideways: by so many pixels at which width").toEqual({
        360: 0,
        768: 0,
        1920: 0,
      });
      expect(await visitor.barriers()).toEqual([]);
      expect(visitor.complaints).toEqual([]);
    });
  });

  test("failing from the beginning: each view says so, and nobody is shut out", async () => {
    const world = madeUp("usual", Date.now());
    world.failing = REFUSED;
    const desk = await pageDesk(world.options);
    const visitor = await visit(chromium(), desk, { isFailing: true });
    try {
      for (const view of Object.values(VIEWS_SEEN)) {
        await visitor.page.evaluate(toView(view));
        await visitor.page.locator("main h1").waitFor();
        await visitor.page.getByRole("alert").filter({ hasText: REFUSED }).first().waitFor();
        expect(await visitor.overflowAt(360), view).toBeLessThanOrEqual(0);
      }
      expect(await visitor.barriers()).toEqual([]);
      expect(visitor.complaints).toEqual([]);
    } finally {
      await visitor.close();
      await desk.close();
    }
  });

  test("light and dark are the system's, also while the page is open", async () => {
    const desk = await pageDesk(madeUp("usual", Date.now()).options);
    const { page, close } = await visit(chromium(), desk);
    try {
      const back = () => page.evaluate(BACKGROUND);
      const light = await back();
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await back()).not.toBe(light);
      await settled(page);
    } finally {
      await close();
      await desk.close();
    }
  });

  test("who likes no motion sees none; who does sees hearts beat", async () => {
    const now = Date.now();
    const world = madeUp("usual", now);
    let at = now;
    const beats = () => {
      at += 1000;
      return Object.fromEntries(world.snapshot.instances.map(({ id }) => [id, at]));
    };
    const desk = await pageDesk({ ...world.options, beats });
    const { page, close } = await visit(chromium(), desk);
    try {
      const moving = () => page.evaluate<number>(ANIMATIONS);
      for (let looks = 0; looks < 20; looks += 1) {
        expect(await moving()).toBe(0);
        await page.waitForTimeout(20);
      }
      await page.emulateMedia({ reducedMotion: "no-preference" });
      await expect.poll(moving).toBeGreaterThan(0);
    } finally {
      await close();
      await desk.close();
    }
  });
});
