import { readFile } from "node:fs/promises";
import { refused } from "../../exits.ts";
import type { Route } from "../server/routes.ts";
import type { RunbookDocument } from "../wire/runbook.ts";

const RUNBOOK = new URL("../../../docs/runbook.md", import.meta.url);

/** Sections of the runbook, as whoever reads a mail at night would look them up. */
export function runbookRoutes(): Route[] {
  return [
    {
      method: "GET",
      path: "/api/runbook/:section",
      async answer({ params: { section = "" } }): Promise<RunbookDocument> {
        const text = sectionOf(await readFile(RUNBOOK, "utf8"), section);
        if (text === undefined) throw refused(`docs/runbook.md has no section ${section}.`);
        return { section, text };
      },
    },
  ];
}

/**
 * A section of a page in Markdown, with the sections below it.
 *
 * @param heading as it stands behind its `#`
 * @returns what stands below the heading; undefined where there is none of that name
 */
export function sectionOf(page: string, heading: string): string | undefined {
  const lines = page.split("\n");
  const levels = levelsOf(lines);
  const start = lines.findIndex((line, at) => levels[at] !== 0 && line.replace(/^#+ +/, "") === heading);
  if (start < 0) return undefined;
  const own = levels[start] ?? 0;
  const end = levels.findIndex((level, at) => at > start && level !== 0 && level <= own);
  return lines
    .slice(start + 1, end < 0 ? undefined : end)
    .join("\n")
    .trim();
}

/** How deep the heading is that a line is, from 1 on, and 0 where it is none: what is typed may have a `#`, too. */
function levelsOf(lines: readonly string[]): number[] {
  let isTyped = false;
  return lines.map((line) => {
    if (line.startsWith("```")) isTyped = !isTyped;
    return isTyped ? 0 : (/^#+(?= )/.exec(line)?.[0].length ?? 0);
  });
}
