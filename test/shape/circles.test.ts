import { describe, expect, test } from "vitest";
import { importsOf, roomOf, sources } from "./sources.ts";

/** What to do about a circle, said by the failing test. */
const ADVICE = `These files import each other in a circle, so none of them can be read, tested or moved by itself.
Untie it: what two files need of each other belongs in a third, which imports neither. Where only a type is needed, let
the user of it declare, in a file of its own, the narrow interface that it needs. Where one file wants the next thing to
happen, let it return that as data, and leave the call to the one place that dispatches.`;

/**
 * The circles among files: for each file that is in any, the shortest one through it, from its first file by name on.
 *
 * @param imports what each file imports; names that are not files of the map lead nowhere
 */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles = new Map<string, string[]>();
  for (const file of imports.keys()) {
    const circle = circleThrough(file, imports);
    if (circle === undefined) continue;
    const first = circle.indexOf(circle.toSorted()[0] ?? file);
    const turned = [...circle.slice(first), ...circle.slice(0, first)];
    circles.set(turned.join(" "), turned);
  }
  return [...circles.values()];
}

/** The shortest way from a file back to itself, without the file a second time at its end. */
function circleThrough(file: string, imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>();
  const ways = [[file]];
  for (const way of ways) {
    for (const next of imports.get(way.at(-1) ?? file) ?? []) {
      if (next === file) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** A circle as a person reads it: file by file, and the first once more. */
function written(circle: readonly string[]): string {
  return [...circle, circle[0]].join("\n  -> ");
}

describe("imports", () => {
  test("no file imports itself through others, not even for a type", () => {
    const imports = new Map(sources.map((file) => [file, importsOf(file)]));
    const circles = circlesIn(imports).map(written);
    expect(circles, `${ADVICE}\n\n${circles.join("\n\n")}\n`).toEqual([]);
  });

  test("the sources and imports that are searched are those of all rooms", () => {
    const searched = new Set(sources.map((file) => roomOf(file)));
    for (const room of ["protocol", "events", "functions", "agent", "infra", "local", "packages", "tools", "test"]) {
      expect(searched).toContain(room);
    }
    // An import of types alone, which is written in another way.
    expect(importsOf("functions/shared/contract.ts")).toContain("functions/shared/neighbours.ts");
    const imported = new Set(sources.flatMap((file) => importsOf(file)).filter((name) => name.endsWith(".ts")));
    expect([...imported].filter((name) => !sources.includes(name))).toEqual([]);
  });

  test("a circle is found whatever leads into it and out of it", () => {
    const imports = { start: ["b"], b: ["c", "leaf"], c: ["a", "node:fs"], a: ["b"], leaf: [], self: ["self"] };
    expect(circlesIn(new Map(Object.entries(imports)))).toEqual([["a", "b", "c"], ["self"]]);
    expect(written(["a", "b"])).toBe("a\n  -> b\n  -> a");
  });
});
