/**
 * Keeps what of the templates has to last once a version is released: `npm run released -- VERSION`, or `next` for the
 * one that is to be released next. test/infra/suites/released.ts holds every later template against it. Of a version that
 * is released it also keeps a fleet at work with its agent, over which test/upgrade starts every later version.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SERIES_STORES } from "../../protocol/index.ts";
import { type Lasting, lasting } from "./lasting.ts";
import { EVERYTHING, synthesize } from "./synthesized.ts";

/** The version that is not released yet. */
export const NEXT = "next";
const BIOME = fileURLToPath(new URL("../../node_modules/@biomejs/biome/bin/biome", import.meta.url));
const FOLDER = fileURLToPath(new URL("./released", import.meta.url));

const fileOf = (version: string, store: string) => `${FOLDER}/${version}/${store}.json`;

/** The versions of which something is kept. */
export const RELEASED = readdirSync(FOLDER).sort();

/** What is kept of a version's template for a store. */
export function keptOf(version: string, store: string): Lasting {
  return JSON.parse(readFileSync(fileOf(version, store), "utf8"));
}

async function keep(version: string): Promise<void> {
  if (version !== NEXT && existsSync(`${FOLDER}/${version}`)) {
    throw new Error(`${FOLDER}/${version} is there already: what was released is not written anew.`);
  }
  if (version !== NEXT) {
    // Loaded when needed only: whoever reads what is kept starts no fleet.
    const { keepFleet } = await import("../upgrade/keep.ts");
    await keepFleet(version);
  }
  const kept = SERIES_STORES.map(
    (store) => [store, lasting(synthesize({ ...EVERYTHING, timeSeries: store }))] as const,
  );
  rmSync(`${FOLDER}/${NEXT}`, { recursive: true, force: true });
  mkdirSync(`${FOLDER}/${version}`);
  for (const [store, one] of kept) writeFileSync(fileOf(version, store), JSON.stringify(one));
  spawnSync(process.execPath, [BIOME, "format", "--write", `${FOLDER}/${version}`], { stdio: "inherit" });
}

if (import.meta.main) {
  const [version = ""] = process.argv.slice(2);
  if (/^\d+\.\d+\.\d+$/.test(version) || version === NEXT) await keep(version);
  else {
    console.error("Say which version: npm run released -- 0.2.0, or next for the one that is not released yet.");
    process.exitCode = 1;
  }
}
