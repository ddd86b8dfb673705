import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** What the tests of this folder read: our own files, and what each imports. Paths are relative to the root. */

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Folders that are made, or another's. */
const NOT_OURS = /(^|\/)(node_modules|dist|cdk\.out|coverage|\.keyturn|\.second-opinion|\.git)(\/|$)/;

/** Our own files that fit a pattern, e.g. `docs/*.md`, in order. */
export function files(pattern: string): string[] {
  return globSync(pattern, { cwd: ROOT, exclude: (path) => NOT_OURS.test(path) }).sort();
}

/** The text of a file of ours. */
export function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** All our program files, those of the tests included. */
export const sources: readonly string[] = files("**/*.{ts,tsx,mjs}");
const known = new Set(sources);

/** The top folder that a file lies in, e.g. `functions`. */
export function roomOf(file: string): string {
  return file.split("/")[0] ?? "";
}

/**
 * What a file imports: paths from the root for our own files, names for packages.
 *
 * @param options.types whether what is imported only for its types counts; true if it is left out
 */
export function importsOf(file: string, { types = true } = {}): string[] {
  const text = read(file);
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;"'=()]*?\sfrom\s+)?["']([^"'\n]+)["']/gm);
  const dynamic = text.matchAll(/\bimport\(\s*["']([^"'\n]+)["']/g);
  const names = [
    ...[...statements].filter(([, type]) => types || type === undefined).map(([, , name]) => name ?? ""),
    ...[...dynamic].map(([, name]) => name ?? ""),
  ];
  return names.map((name) => (name.startsWith(".") ? normalize(join(dirname(file), name)) : name));
}

/** Everything that a file loads when it runs, through our own files. */
export function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  for (const name of importsOf(file, { types: false })) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (known.has(name)) loadedBy(name, seen);
  }
  return seen;
}
