/** One line, whatever it holds: nobody writes a line of their own into a mail, a log or an audit line. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}

export function isPrintable(text: string): boolean {
  return printable(text) === text;
}
