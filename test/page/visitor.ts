import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { ServedPage } from "../../operator/page/server/serve.ts";
import { HAS_AXE, OVERFLOW, RUN_AXE, SETTLED, TWO_FRAMES, toView } from "./in-page.ts";

/** So long anything is waited for that is to come on the page. Milliseconds. */
const PATIENCE_MS = 60_000;

/** Somebody who looks at a page. */
export interface Visitor {
  page: Page;
  /**
   * What a browser complains of: mistakes of the page, what its Content-Security-Policy forbids, and what is asked of anything but
   * this computer. What the server answers with an error is told apart: it may be meant.
   */
  complaints: string[];
  /** Goes to a view, as by its link, and waits until it is there, with what it asks for. @param view e.g. `instance/a1b2c3` */
  goTo(view: string): Promise<void>;
  /** By how much the page is wider than a window of a width, in pixels. */
  overflowAt(width: number): Promise<number>;
  /** What axe finds that is serious or critical, each as a line. */
  barriers(): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Opens a page's address as a person does, and waits until it is drawn.
 *
 * @param options.isFailing whether nothing can be read, so that nothing is there
 */
export async function visit(
  browser: Browser,
  { address }: Pick<ServedPage, "address">,
  { isFailing = false, ...options }: BrowserContextOptions & { isFailing?: boolean } = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  watch(page, new URL(address).host, complaints);
  await page.goto(address);
  await page.getByText(/^(Live|Cannot read)$/).waitFor();
  const visitor: Visitor = {
    ...{ page, complaints },
    async goTo(view) {
      await page.evaluate(toView(view));
      await settled(page);
    },
    async overflowAt(width) {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(TWO_FRAMES);
      return page.evaluate<number>(OVERFLOW);
    },
    async barriers() {
      const { violations } = await axeOf(page);
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, help, nodes }) =>
          nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${help}: ${html}: ${failureSummary}`),
        );
    },
    close: () => context.close(),
  };
  if (!isFailing) await settled(page);
  return visitor;
}

type Found = Awaited<ReturnType<AxeBuilder["analyze"]>>;

/** What axe finds. To bring it into a page takes longer than all that it does there. */
async function axeOf(page: Page): Promise<Found> {
  if (await page.evaluate<boolean>(HAS_AXE)) return page.evaluate<Found>(RUN_AXE);
  // Without a second page, in which it else puts its results together.
  return new AxeBuilder({ page }).setLegacyMode().analyze();
}

/** Waits until a view is drawn and nothing in it is still being read. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(SETTLED);
}

/** What the browser says of an answer that is an error, or that does not come: what the page says of it is what counts. */
const OF_AN_ANSWER = /^Failed to load resource: /;

function watch(page: Page, host: string, complaints: string[]): void {
  page.on("pageerror", (error) => complaints.push(String(error.stack)));
  page.on("console", (message) => {
    const isBad = message.type() === "error" || message.type() === "warning";
    if (isBad && !OF_AN_ANSWER.test(message.text())) complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (new URL(request.url()).host !== host) complaints.push(`asked: ${request.url()}`);
  });
}
