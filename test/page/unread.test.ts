import { afterEach, expect, test, vi } from "vitest";

const KEPT = "keyturn-mails-read";
const ONE = { number: 1, receivedAt: 1000, subject: "One" };
const TWO = { number: 2, receivedAt: 2000, subject: "Two" };

function browserWith(kept?: string): Map<string, string> {
  const items = new Map(kept === undefined ? [] : [[KEPT, kept]]);
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, text: string) => items.set(name, text),
  });
  vi.resetModules();
  return items;
}
afterEach(() => vi.unstubAllGlobals());

/** The page, opened anew. */
const opened = () => import("../../operator/page/client/views/inbox/unread.ts");

test("a mail that was read is so in the next page, too, and one of its number in a folder begun anew is not", async () => {
  const items = browserWith();
  const first = await opened();
  expect([ONE, TWO].map(first.isUnread)).toEqual([true, true]);
  first.markRead([ONE], [TWO, ONE]);
  expect([ONE, TWO].map(first.isUnread)).toEqual([false, true]);
  browserWith(items.get(KEPT));
  const next = await opened();
  expect([ONE, TWO, { ...ONE, receivedAt: 9000 }].map(next.isUnread)).toEqual([false, true, true]);
});

test("what is no longer listed is forgotten", async () => {
  const items = browserWith();
  const { markRead } = await opened();
  markRead([ONE], [ONE]);
  markRead([TWO], [TWO]);
  expect(JSON.parse(items.get(KEPT) ?? "")).toEqual(["2@2000"]);
});

test.each(["{", "5", '["1@1000", 7]'])("what somebody else has left there, %s, is no fault", async (kept) => {
  browserWith(kept);
  const { isUnread } = await opened();
  expect(isUnread(TWO)).toBe(true);
});

test("a browser that keeps nothing knows it until the page is closed", async () => {
  const denied = () => {
    throw new Error("denied");
  };
  vi.stubGlobal("localStorage", { getItem: denied, setItem: denied });
  vi.resetModules();
  const { isUnread, markRead } = await opened();
  markRead([ONE], [ONE]);
  expect(isUnread(ONE)).toBe(false);
});
