/** A piece of a mail's line: text as it stands, an execution by its ARN, or something that is typed. */
export type Piece = { is: "text" | "execution" | "command"; text: string };

const EXECUTION = /arn:[\w-]+:states:[\w-]+:\d+:execution:[\w/-]+:[\w.-]+/g;
/** A command stands behind one of these labels; behind others, a name or a cause may happen to begin as one does. */
const COMMAND = /^(\s*(?:Type|Or|For all|List them|Shut one|Check them): +)((?:npx keyturn|aws) \S.*)$/;

/**
 * A mail's text line by line, in which what leads somewhere is told from the rest. The address of AWS's console, in which an ARN
 * stands, too, is text.
 */
export function mailLines(text: string): Piece[][] {
  return text.trimEnd().split("\n").map(piecesOf);
}

function piecesOf(line: string): Piece[] {
  const [, before = "", command] = COMMAND.exec(line) ?? [];
  if (command !== undefined) {
    return [
      { is: "text", text: before },
      { is: "command", text: command },
    ];
  }
  const pieces: Piece[] = [];
  let from = 0;
  for (const { index, 0: arn } of line.matchAll(EXECUTION)) {
    if (line[index - 1] === "/") continue;
    if (index > from) pieces.push({ is: "text", text: line.slice(from, index) });
    pieces.push({ is: "execution", text: arn });
    from = index + arn.length;
  }
  if (from < line.length) pieces.push({ is: "text", text: line.slice(from) });
  return pieces;
}

/** Whom a mail about one finding is about, and what stands of it; undefined of one that gathers. As findings have it: a storm is the fleet's. */
export function aboutIn(text: string): string | undefined {
  const about = /^About: +(the fleet$|\S+)/m.exec(text)?.[1];
  return about === "the fleet" ? "fleet" : about;
}

/** The section of the runbook that a mail about one finding names; undefined of one that gathers, which may name several. */
export function sectionIn(text: string): string | undefined {
  return /^Runbook: +docs\/runbook\.md, section (\w+)$/m.exec(text)?.[1];
}
