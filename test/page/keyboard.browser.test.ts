import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ServedPage } from "../../operator/page/server/serve.ts";
import { pageDesk } from "./desk.ts";
import { inChromium } from "./in-chromium.ts";
import { FOCUSED, type Focused, isFocusIn } from "./in-page.ts";
import { FOUND, TAMPERED } from "./made-up/names.ts";
import { madeUp } from "./made-up/world.ts";
import { settled, type Visitor, visit } from "./visitor.ts";

/** More than so many stops nobody goes on for. */
const MOST_STOPS = 120;

const focused = (page: Page) => page.evaluate<Focused>(FOCUSED);

/** Presses Tab until what has the focus is what is looked for; each stop must be seen to have it. */
async function tabTo(page: Page, is: (stop: Focused) => boolean): Promise<void> {
  const stops: string[] = [];
  for (let n = 0; n < MOST_STOPS; n += 1) {
    await page.keyboard.press("Tab");
    const stop = await focused(page);
    if (stop.is === "body") continue;
    expect(stop, "what has the focus must be seen, and seen to have it").toMatchObject({
      isMarked: true,
      isSeen: true,
    });
    if (is(stop)) return;
    stops.push(stop.says);
  }
  throw new Error(`Tab does not lead there, but to: ${stops.join(" | ")}`);
}

inChromium("by keyboard only", (chromium) => {
  let desk: ServedPage;
  let visitor: Visitor;
  beforeEach(async () => {
    desk = await pageDesk(madeUp("usual", Date.now()).options);
    visitor = await visit(chromium(), desk);
  });
  afterEach(async () => {
    await visitor.close();
    await desk.close();
  });

  test("from the first Tab to an instance, the execution that found it, its mail, and back", async () => {
    const { page } = visitor;
    await page.keyboard.press("Tab");
    expect((await focused(page)).says).toBe("To the content");
    await tabTo(page, ({ href }) => href === `#/instance/${TAMPERED}`);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: TAMPERED }).waitFor();
    await settled(page);

    await tabTo(page, ({ href }) => href === `#/execution/${encodeURIComponent(FOUND)}`);
    await page.keyboard.press("Enter");
    await page.getByText("The way it took").first().waitFor();

    await page.keyboard.press("Alt+ArrowLeft");
    await page.getByRole("heading", { level: 1, name: TAMPERED }).waitFor();

    await page.reload();
    await settled(page);
    await tabTo(page, ({ href }) => href === "#/inbox");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Inbox" }).waitFor();
    await settled(page);
    await tabTo(page, ({ says }) => says.includes(`MISMATCH on ${TAMPERED}`));
    await page.keyboard.press("Enter");
    await page.getByText("It means:").waitFor();
  });

  test("the first stop leads past what stands above", async () => {
    const { page } = visitor;
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(isFocusIn("main"))).toBe(true);
  });

  test("arrows lead from tile to tile, and Tab past all of them", async () => {
    const { page } = visitor;
    await tabTo(page, ({ href }) => href === `#/instance/${TAMPERED}`);
    await page.keyboard.press("ArrowRight");
    const next = await focused(page);
    expect(next.href).toMatch(/^#\/instance\/(?!$)/);
    expect(next.href).not.toBe(`#/instance/${TAMPERED}`);
    await page.keyboard.press("Tab");
    expect((await focused(page)).href).not.toMatch(/^#\/instance\//);
  });

  test("a fault is played, and what comes of it is said", async () => {
    const { page } = visitor;
    await visitor.goTo("play");
    await tabTo(page, ({ is, says }) => is === "button" && says.startsWith("Tamper with a key"));
    await page.keyboard.press("Enter");
    await page.getByRole("status").filter({ hasText: "played" }).waitFor();
  });

  test("a dialog takes the focus, is left by Escape, and gives it back", async () => {
    const { page } = visitor;
    await visitor.goTo(`instance/${TAMPERED}`);
    const isQuarantine = ({ is, says }: Focused) => is === "button" && says.startsWith("Quarantine");
    await tabTo(page, isQuarantine);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    expect(await page.evaluate(isFocusIn("dialog"))).toBe(true);
    expect(await visitor.barriers()).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    expect((await focused(page)).says).toMatch(/^Quarantine/);

    await page.keyboard.press("Enter");
    await tabTo(page, ({ says }) => says === `Quarantine ${TAMPERED}`);
    await page.keyboard.press("Enter");
    await page.getByRole("status").filter({ hasText: "QUARANTINED" }).waitFor();
  });
});
