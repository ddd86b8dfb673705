import type { Browser } from "playwright-core";
import { CHROMIUM, launchChromium } from "../page/chromium.ts";
import { pageDesk } from "../page/desk.ts";
import { FIRST_PAINT, foundIn } from "../page/in-page.ts";
import { idOf } from "../page/made-up/names.ts";
import { madeUp } from "../page/made-up/world.ts";
import { visit } from "../page/visitor.ts";
import { type Measurement, rounded } from "./measurement.ts";

const TIMES = 5;
/** As `npm start` looks. */
const LIVE = { lookMs: 700, beatMs: 500 };

/** How soon the page is there, and shows what has changed; nothing where there is no Chromium. */
export async function measurePage(): Promise<Measurement[]> {
  if (CHROMIUM === undefined) {
    process.stderr.write("There is no Chromium here: apt-get install chromium brings it.\n");
    return [];
  }
  const browser = await launchChromium();
  try {
    // The first of all bundles it.
    await firstPaint(browser);
    const paints = await several(() => firstPaint(browser));
    const usable = await several(() => crowdUsable(browser));
    const shown = await several(() => changeShown(browser));
    return [
      line("the page's first paint", paints, 500),
      line("  5,000 instances usable: listed, and one found by its ID", usable, 1000),
      line("  a change visible, looked for each 700 ms", shown, 2000),
    ];
  } finally {
    await browser.close();
  }
}

function line(what: string, ms: number[], aim: number): Measurement {
  const middle = ms.toSorted((one, other) => one - other)[Math.floor(ms.length / 2)] ?? 0;
  return {
    ...{
      what,
      figure: `${rounded(middle)} ms`,
      beside: `median of ${ms.length}; the longest ${rounded(Math.max(...ms))}`,
    },
    ...{ aim: `under ${aim} ms`, met: middle < aim },
  };
}

async function several(measure: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < TIMES; n += 1) all.push(await measure());
  return all;
}

/** From the beginning of the navigation, as the browser has it. */
async function firstPaint(browser: Browser): Promise<number> {
  const desk = await pageDesk({ ...madeUp("usual", Date.now()).options, times: LIVE });
  const { page, close } = await visit(browser, desk);
  const ms = await page.evaluate<number>(FIRST_PAINT);
  await close();
  await desk.close();
  return ms;
}

/** From the beginning of the navigation until one of 5,000 was typed and stands there. */
async function crowdUsable(browser: Browser): Promise<number> {
  const desk = await pageDesk({ ...madeUp("crowd", Date.now()).options, times: LIVE });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(desk.address, { waitUntil: "commit" });
  const ms = await page.evaluate<number>(foundIn(idOf(4321)));
  await context.close();
  await desk.close();
  return ms;
}

async function changeShown(browser: Browser): Promise<number> {
  const world = madeUp("usual", Date.now());
  const desk = await pageDesk({ ...world.options, times: LIVE });
  const { page, close } = await visit(browser, desk);
  const [first, ...rest] = world.snapshot.instances;
  const began = performance.now();
  if (first !== undefined) {
    world.snapshot.instances = [{ ...first, words: ["CONFLICT"] }, ...rest];
  }
  await page.getByText("CONFLICT").first().waitFor();
  const ms = performance.now() - began;
  await close();
  await desk.close();
  return ms;
}
