import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { findRunning } from "../../operator/place/running.ts";
import { NpmStart } from "../bench/npm-start.ts";
import { launchChromium } from "./chromium.ts";
import { BLUR } from "./in-page.ts";
import { settled, visit } from "./visitor.ts";

// Takes the README's pictures of the page, from an npm start of its own in which a key is tampered with: npm run pictures

const FOLDER = join(import.meta.dirname, "../../docs/pictures");
/** In the README, about as wide as it is shown there. */
const WIDTH = 1000;
/** All of them together, in bytes: whoever clones it has them. */
const MOST = 300_000;
/** Twelve instances, some of whose keys have been turned a few times. */
const OPTIONS = ["--agents", "12", "--every", "20s", "--samples", "2s", "--port", "0"];
const TURNED = "turned its key and proved it";
const TURNS = 36;
/** So much of the axis is shown: a few turns, and what came of the tampering. */
const ZOOMS = 3;
const SOON = { timeout: 120_000 };
/** What is drawn on a canvas is drawn with the next second. */
const SETTLES_MS = 1500;
const EXECUTION = "main table a[href^='#/execution/']";
const INSTANCE = "main a[href^='#/instance/']";

const data = mkdtempSync(join(tmpdir(), "keyturn-pictures-"));
const npmStart = new NpmStart([...OPTIONS, "--data", data]);
const browser = await launchChromium();
try {
  await npmStart.printed(TURNED, TURNS);
  const { page, goTo } = await visit(
    browser,
    { address: findRunning(data)?.page ?? "" },
    { viewport: { width: WIDTH, height: 500 } },
  );
  mkdirSync(FOLDER, { recursive: true });
  await page.getByRole("link", { name: "Play" }).click();
  await settled(page);
  // Of one whose key is just being turned, it is told first that its agent refuses that.
  await npmStart.printed(TURNED, TURNS + 1);
  const [id = ""] = /\b[0-9a-f]{6}\b/.exec(npmStart.lastLine(TURNED)) ?? [];
  await page.getByRole("combobox").selectOption(id);
  await page.getByRole("button", { name: `Tamper with a key: ${id}` }).click();
  await page.getByRole("link", { name: /mail/i }).first().waitFor(SOON);
  // The rotation that is due next fails, too.
  await goTo("executions/rotation");
  await page.getByRole("combobox", { name: "Status" }).selectOption("FAILED");
  await page.locator(EXECUTION).first().click(SOON);
  await settled(page);
  await save(page, "execution", page.locator(".drawing"));

  await goTo("fleet");
  await save(page, "fleet", { width: WIDTH, height: 480 });
  await goTo("attention");
  await save(page, "attention", { width: WIDTH, height: 500 });
  await page.locator(INSTANCE).first().click();
  await settled(page);
  for (let n = 0; n < ZOOMS; n += 1) await page.getByRole("button", { name: "Zoom in" }).click();
  await page
    .getByText(/generation \d+ ×/)
    .first()
    .waitFor();
  await save(page, "instance", page.getByRole("region", { name: "Time axis" }));

  const bytes = readdirSync(FOLDER).reduce((sum, name) => sum + statSync(join(FOLDER, name)).size, 0);
  process.stdout.write(`Pictures in docs/pictures, ${Math.round(bytes / 1000)} kB together.\n`);
  if (bytes > MOST) throw new Error(`They may have ${MOST / 1000} kB together.`);
} finally {
  await browser.close();
  await npmStart.stop();
  rmSync(data, { recursive: true });
}

/** Of the whole window, as large as it is to be, or of a part of the page. */
async function save(page: Page, name: string, what: { width: number; height: number } | Locator): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(BLUR);
  if ("width" in what) await page.setViewportSize(what);
  await page.waitForTimeout(SETTLES_MS);
  await ("width" in what ? page : what).screenshot({ path: join(FOLDER, `${name}.png`) });
}
