/** A piece of a page in Markdown: a paragraph, or what keeps its lines, as what is typed, a table or a list do. */
export interface Block {
  is: "paragraph" | "lines";
  text: string;
}

const KEEPS_LINES = /^(?:\||[*-] |\d+\. |#)/;

/** What the runbook is made of, so that its lines break where the page is narrow, and not twice. */
export function blocksOf(markdown: string): Block[] {
  // Each second part stood in a fence, behind the name of its language.
  return markdown
    .split(/^```/m)
    .flatMap((part, at): Block[] =>
      at % 2 === 1
        ? [{ is: "lines", text: part.slice(part.indexOf("\n") + 1).trimEnd() }]
        : part.split(/\n\s*\n/).flatMap((text) => (text.trim() === "" ? [] : [blockOf(text.trim())])),
    );
}

function blockOf(text: string): Block {
  if (text.split("\n").some((line) => KEEPS_LINES.test(line))) return { is: "lines", text };
  return { is: "paragraph", text: text.replaceAll("\n", " ").replaceAll("**", "") };
}
