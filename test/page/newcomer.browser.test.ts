import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findRunning } from "../../operator/place/running.ts";
import { type Keyturn, startKeyturn } from "../restart/keyturn.ts";
import { inChromium } from "./in-chromium.ts";
import { visit } from "./visitor.ts";

const OPTIONS = ["--agents", "3", "--every", "10s", "--samples", "2s"];
const MOST_CLICKS = 3;
/** For what comes within seconds, on a machine that is busy. */
const SOON = { timeout: 90_000 };

inChromium("the newcomer's minute", (chromium) => {
  let data: string;
  let keyturn: Keyturn | undefined;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  });
  afterEach(async () => {
    await keyturn?.end("SIGKILL");
    rmSync(data, { recursive: true, maxRetries: 10 });
  });

  test("start, tamper, see it, read the mail, see the execution that found it; and it goes on after a kill", async () => {
    const began = performance.now();
    keyturn = await startKeyturn(data, OPTIONS);
    await expect
      .poll(() => /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(keyturn?.said() ?? "")?.[0], SOON)
      .toBeDefined();
    const address = findRunning(data)?.page ?? "";
    const { page, close, complaints } = await visit(chromium(), { address });
    try {
      let clicks = 0;
      const click = async (what: Locator) => {
        await what.click(SOON);
        clicks += 1;
      };
      await click(page.getByRole("link", { name: "Play" }));
      await click(page.getByRole("button", { name: /^Tamper with a key: / }));
      await page.getByRole("article").getByText("done at").first().waitFor(SOON);
      await click(page.getByRole("link", { name: /mail/i }));
      await page.getByText("It means:").waitFor(SOON);
      const seconds = (performance.now() - began) / 1000;
      process.stdout.write(`From npm start to the read mail: ${clicks} clicks, ${seconds.toFixed(1)} s.\n`);
      expect(clicks).toBeLessThanOrEqual(MOST_CLICKS);
      expect(await page.getByRole("heading", { level: 2 }).first().innerText()).toContain("MISMATCH");

      await click(page.locator('a[href^="#/execution/"]').first());
      await page.getByText("The way it took").first().waitFor();
      await page.getByText("MISMATCH").first().waitFor();

      await keyturn.end("SIGKILL");
      await page.getByText("Not connected").waitFor(SOON);
      keyturn = await startKeyturn(data, OPTIONS);
      await page.getByText("Live", { exact: true }).waitFor(SOON);
      await page.getByRole("link", { name: "Attention" }).click();
      await page.getByRole("heading", { level: 1, name: "Attention" }).waitFor();
      await page.getByText("MISMATCH").first().waitFor(SOON);
      expect(complaints).toEqual([]);
    } finally {
      await close();
    }
  });
});
