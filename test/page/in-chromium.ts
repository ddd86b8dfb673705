import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import { CHROMIUM, launchChromium } from "./chromium.ts";

/**
 * Tests that need a Chromium, one for all of them; where there is none, they are skipped, and the reason told.
 *
 * @param tests is given what gives it, once it is there
 */
export function inChromium(title: string, tests: (chromium: () => Browser) => void): void {
  if (CHROMIUM === undefined) {
    test(title, ({ skip }) => skip("There is no Chromium here: apt-get install chromium brings it."));
    return;
  }
  describe(title, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser.close());
    tests(() => browser);
  });
}
