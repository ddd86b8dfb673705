/** A section of docs/runbook.md, as it stands there: Markdown. */
export interface RunbookDocument {
  section: string;
  text: string;
}
