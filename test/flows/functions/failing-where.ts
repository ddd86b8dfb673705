import { readFileSync } from "node:fs";

/**
 * A function that fails, with an error that nobody has foreseen, for events of which one of the expressions in the file
 * FAILING holds, a line each. For all others it does what the real one does, whose module is REAL.
 */
export async function handler(event: unknown, context: unknown): Promise<unknown> {
  const { FAILING = "", REAL = "" } = process.env;
  const text = JSON.stringify(event);
  const marks = readFileSync(FAILING, "utf8").split("\n").filter(Boolean);
  if (marks.some((mark) => new RegExp(mark).test(text))) {
    throw Object.assign(new Error("made to fail by a test"), { name: "TestFailure" });
  }
  const real = await import(REAL);
  return real.handler(event, context);
}
