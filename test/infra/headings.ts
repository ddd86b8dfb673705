/** The headings of a Markdown text, without their marks. */
export function headingsOf(markdown: string): string[] {
  return Array.from(markdown.matchAll(/^#{2,4} (.+)$/gm), ([, heading]) => heading ?? "");
}

/** The first column of the first table after a heading, without back-quotes. */
export function firstColumn(markdown: string, heading: string): string[] {
  const [, section = ""] = markdown.split(`## ${heading}\n`);
  const rows = section.split(/^#/m)[0]?.match(/^\| *`[^|]+\|/gm) ?? [];
  return rows.map((row) => row.replace(/[|`\s]/g, ""));
}

/** The names of the sections (`###`) that stand under a heading (`##`). */
export function sectionsUnder(markdown: string, heading: string): string[] {
  const [, part = ""] = markdown.split(`\n## ${heading}\n`);
  const [own = ""] = part.split(/^## /m);
  return Array.from(own.matchAll(/^### (.+)$/gm), ([, name]) => name ?? "");
}
