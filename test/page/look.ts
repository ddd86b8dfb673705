import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchChromium } from "./chromium.ts";

// Takes pictures of views, to be looked at: look.ts ADDRESS FOLDER VIEW…, e.g. fleet or instance/a1b2c3; each in three widths, light and dark.

const WIDTHS = [360, 768, 1920];

const [address = "", folder = "", ...views] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await launchChromium();
for (const colorScheme of ["light", "dark"] as const) {
  const context = await browser.newContext({ colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") process.stdout.write(`${message.text()}\n`);
  });
  page.on("pageerror", (error) => process.stdout.write(`${error.stack}\n`));
  await page.goto(address);
  await page.getByText("Live", { exact: true }).waitFor();
  for (const view of views) {
    await page.goto(new URL(`#/${view}`, address).href);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(1200);
      await page.screenshot({
        path: join(folder, `${view.replace(/\W+/g, "-").slice(0, 40)}-${width}-${colorScheme}.png`),
        fullPage: true,
      });
    }
  }
}
await browser.close();
