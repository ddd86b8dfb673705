import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian has it, and where others have put theirs. */
const PLACES = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The Chromium of this computer; undefined where it has none, and what needs one is to be skipped. */
export const CHROMIUM: string | undefined = PLACES.find((path) => path !== "" && existsSync(path));

/** Starts it. Whoever is root, as in CI, has no sandbox; what it opens is ours. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox", "--disable-gpu"] });
}
