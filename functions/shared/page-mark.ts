import * as z from "zod/mini";

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    // It is no JSON: the caller is told so by the check.
    return false;
  }
}

/** Where a page of a table ended, as the step that read it has said; it comes back through the execution. */
export const pageMark = z.string().check(z.refine(isJson, "must be what a page before has given"));
