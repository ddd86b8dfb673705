import { inspect } from "node:util";
import { expect } from "vitest";

/** A credential that nobody has by chance. */
export const MARK = "p4-MARKED-cr3dential-Qx7Zt";

/** All that can be seen of something thrown, hidden fields and causes included. */
export function allOf(thrown: unknown): string {
  return `${inspect(thrown, { depth: 20, showHidden: true })} ${(thrown as Error).stack} ${JSON.stringify(thrown)}`;
}

/** Whether the mark stands in a text, as it is or in base64 at any alignment, in hexadecimal or encoded for a URL. */
export function holdsMark(text: string, mark = MARK): boolean {
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), Buffer.from(mark)])
      .toString("base64")
      // The characters at both ends depend on what stands before and behind.
      .slice(offset === 0 ? 0 : 4, -4),
  );
  const forms = [mark, Buffer.from(mark).toString("hex"), encodeURIComponent(mark), ...base64];
  return forms.some((form) => text.toLowerCase().includes(form.toLowerCase()));
}

/** A Failure that says this, and in which the mark stands nowhere. */
export function expectFailure(thrown: unknown, words: string | RegExp): void {
  expect(thrown).toMatchObject({ name: "Failure", message: expect.stringMatching(words) });
  expect(holdsMark(allOf(thrown))).toBe(false);
}
