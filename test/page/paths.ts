/**
 * All that the page asks its server for, beside what is pushed: for each part the paths by which all of it is asked for. In the
 * place of ID, HOST, SECRET, EXECUTION and RUN (an execution that has a Map Run) comes what a test has of these.
 */
export const PAGE_PATHS: readonly string[] = [
  "/api/place",
  "/api/life/ID",
  "/api/life/HOST",
  "/api/life/SECRET",
  "/api/samples/ID?host=HOST",
  "/api/executions",
  "/api/execution/EXECUTION",
  "/api/execution/RUN",
  "/api/audit/ID",
  "/api/mails",
  "/api/mails/1",
  "/api/runbook/MISMATCH",
];

/** A path about what a test has. */
export function pathOf(path: string, words: Record<string, string>): string {
  return path.replace(/\b(ID|HOST|SECRET|EXECUTION|RUN)\b/g, (word) => encodeURIComponent(words[word] ?? word));
}
