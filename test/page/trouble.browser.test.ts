import { afterEach, beforeEach, expect, test } from "vitest";
import type { ServedPage } from "../../operator/page/server/serve.ts";
import { pageDesk } from "./desk.ts";
import { inChromium } from "./in-chromium.ts";
import { toView } from "./in-page.ts";
import { TAMPERED } from "./made-up/names.ts";
import { madeUp, type World } from "./made-up/world.ts";
import { VIEWS_SEEN, type ViewSeen } from "./views-seen.ts";
import { type Visitor, visit } from "./visitor.ts";

const REFUSED = "AWS does not answer: connect ECONNREFUSED 127.0.0.1:1. Nothing was changed.";
const THROTTLED = "AWS throttles what is asked of it: it is tried again, and takes longer.";

/** Each view that asks for something of its own, and what stands there of it once it came. */
const FETCHED: [ViewSeen, string][] = [
  ["an instance that was tampered with", "generation"],
  ["executions", "rotation"],
  ["an execution that failed", "VerifyHash"],
  ["an audit that does not hold", "LINE_CHANGED"],
  ["the inbox", "MISMATCH"],
  ["a mail", "It means:"],
  ["what can be played", "Tamper with a key"],
];

inChromium("when something is wrong", (chromium) => {
  let world: World;
  let desk: ServedPage;
  let visitor: Visitor;
  beforeEach(async () => {
    world = madeUp("usual", Date.now());
    desk = await pageDesk(world.options);
    visitor = await visit(chromium(), desk);
  });
  afterEach(async () => {
    await visitor.close();
    await desk.close();
  });
  const alerts = (text: string) => visitor.page.getByRole("alert").filter({ hasText: text });

  test.each([
    ["AWS answers errors", "failing", REFUSED],
    ["AWS throttles", "noting", THROTTLED],
  ] as const)(
    "%s: it is said, what was read before stays, and the sentence goes once it is over",
    async (_, what, sentence) => {
      const { page } = visitor;
      await page.getByText(TAMPERED).first().waitFor();
      world[what] = sentence;
      await alerts(sentence).waitFor();
      await page.getByText(TAMPERED).first().waitFor();
      world[what] = "";
      await expect.poll(() => alerts(sentence).count()).toBe(0);
      expect(visitor.complaints).toEqual([]);
    },
  );

  test.each(FETCHED)("%s: what cannot be read is said, and it is there once it is over", async (name, says) => {
    const view = VIEWS_SEEN[name];
    const { page } = visitor;
    world.failing = REFUSED;
    await page.evaluate(toView(view));
    await page.locator("main h1").waitFor();
    await alerts(REFUSED).nth(1).waitFor();
    world.failing = "";
    await visitor.goTo("fleet");
    await visitor.goTo(view);
    await page.locator("main").getByText(says).first().waitFor();
    await expect.poll(() => alerts(REFUSED).count()).toBe(0);
    expect(visitor.complaints).toEqual([]);
  });

  test("what was fetched before stays while the next fails", async () => {
    const { page } = visitor;
    await visitor.goTo(`instance/${TAMPERED}`);
    await page.getByText("What happened").first().waitFor();
    world.failing = REFUSED;
    await alerts(REFUSED).nth(1).waitFor();
    await page.getByText("What happened").first().waitFor();
    world.failing = "";
    await expect.poll(() => alerts(REFUSED).count()).toBe(0);
  });

  test("the server goes, and another one comes on its port: the page goes on by itself, without a reload", async () => {
    const { page } = visitor;
    await page.evaluate("void (window.isTheSame = true)");
    await visitor.goTo(`instance/${TAMPERED}`);
    await desk.close();
    await page.getByText("Not connected").waitFor();
    await alerts("does not answer").first().waitFor();
    await page.getByText("What happened").first().waitFor();

    const next = madeUp("usual", Date.now());
    next.snapshot.instances = next.snapshot.instances.map((row) =>
      row.id === TAMPERED ? { ...row, words: ["MISMATCH", "of the next server"] } : row,
    );
    desk = await pageDesk({ ...next.options, port: desk.port });
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByText("of the next server").first().waitFor();
    await expect.poll(() => alerts("does not answer").count()).toBe(0);
    expect(await page.evaluate("window.isTheSame")).toBe(true);
    expect(new URL(page.url()).hash).toBe(`#/instance/${TAMPERED}`);
  });

  test("another one with another token: it asks who one is, and its address opens it", async () => {
    const { page } = visitor;
    await desk.close();
    desk = await pageDesk({ ...madeUp("usual", Date.now()).options, port: desk.port, token: "u".repeat(43) });
    await page.getByRole("heading", { name: "Who are you?" }).waitFor();
    expect(await page.locator("main").innerText(), "nobody who is not let in reads on").not.toContain(TAMPERED);
    await page.goto(desk.address);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByText(TAMPERED).first().waitFor();
    expect(page.url(), "the token does not stand in the address any more").not.toContain("token");
  });

  test("with a wrong token, or none, nobody sees anything", async () => {
    const origin = new URL(desk.address).origin;
    for (const address of [origin, `${origin}/#token=${"x".repeat(43)}`]) {
      const context = await chromium().newContext();
      const page = await context.newPage();
      await page.goto(address);
      await page.getByRole("heading", { name: "Who are you?" }).waitFor();
      expect(await page.locator("body").innerText()).not.toContain(TAMPERED);
      await context.close();
    }
  });
});
