import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

// esbuild puts the styles of all views into one file, so that those of one could reach into another.

const CLIENT = fileURLToPath(new URL("../../operator/page/client/", import.meta.url));
const FILES = readdirSync(CLIENT, { recursive: true, encoding: "utf8" });
const read = (file: string) => readFileSync(join(CLIENT, file), "utf8");

/** The words that may be classes in a file of components: those in its `class`. */
function classesIn(file: string): string[] {
  const values = [...read(file).matchAll(/\bclass=("[^"]*"|\{(?:[^{}]|\{[^{}]*\})*\})/g)];
  return values.flatMap(([, value = ""]) => value.match(/[a-z][\w-]*/g) ?? []);
}

/** What each selector of a file begins with: its first element, as `.tile.bad`. */
function beginningsIn(file: string): string[] {
  const rules = read(file)
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/@keyframes[^{]*\{(?:[^{}]|\{[^{}]*\})*\}/g, "");
  const selectors = [...rules.matchAll(/([^{}]+)\{/g)].map(([, selector = ""]) => selector.trim());
  return selectors
    .filter((selector) => !selector.startsWith("@"))
    .flatMap((selector) => selector.split(","))
    .map((selector) => selector.trim().split(/[\s>+~]/)[0] ?? "");
}

describe.each(FILES.filter((file) => /^(views|acts)\/.*\.css$/.test(file)))("%s", (style) => {
  const others = FILES.filter((file) => file.endsWith(".tsx") && dirname(file) !== dirname(style));
  const usedByOthers = new Set(others.flatMap(classesIn));

  test("styles what is in its own folder, and nothing else", () => {
    const foreign = beginningsIn(style).filter((beginning) => {
      const classes = [...beginning.matchAll(/\.([\w-]+)/g)].map(([, name = ""]) => name);
      return classes.every((name) => usedByOthers.has(name));
    });
    expect(foreign, "Begin with a class that no other folder has").toEqual([]);
  });
});
