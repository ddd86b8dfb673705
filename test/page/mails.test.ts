import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MAIL_FOLDER, mailFileName, mailFileOf } from "../../operator/mail-file.ts";
import { mailRoutes } from "../../operator/page/read/mails.ts";
import { routeFor } from "../../operator/page/server/routes.ts";
import { findPlace, type Place } from "../../operator/place/place.ts";

const AT = Date.UTC(2026, 10, 26, 3, 4, 5);
const data = mkdtempSync(join(tmpdir(), "keyturn-page-mails-"));
const folder = join(data, MAIL_FOLDER);
let here: Place;
beforeAll(() => {
  here = { ...findPlace({ data }, {}), kind: "here" };
});
afterAll(() => rmSync(data, { recursive: true }));

function send(number: number, text = "What: a drill\n"): void {
  mkdirSync(folder, { recursive: true });
  const mail = { from: "keyturn@keyturn.example", to: "on-call@keyturn.example", receivedAt: AT + number, text };
  writeFileSync(join(folder, mailFileName(number)), mailFileOf({ ...mail, subject: `Mail ${number}` }));
}

async function get(path: string, place = here): Promise<unknown> {
  const found = routeFor(mailRoutes({ place }), "GET", path);
  if (found === undefined) return undefined;
  const { route, params } = found;
  const gone = new AbortController().signal;
  return route.answer({ params, query: new URLSearchParams(), body: undefined, gone });
}

test("where no mail was sent yet, none is listed; then the newest first, and a new one at the next look", async () => {
  expect(await get("/api/mails")).toEqual({ mails: [], earlier: 0 });
  send(1);
  send(2);
  expect(await get("/api/mails")).toEqual({
    mails: [
      { number: 2, receivedAt: AT + 2, subject: "Mail 2" },
      { number: 1, receivedAt: AT + 1, subject: "Mail 1" },
    ],
    earlier: 0,
  });
  writeFileSync(join(folder, "notes"), "somebody's own");
  send(3);
  expect(await get("/api/mails")).toMatchObject({ mails: [{ number: 3 }, { number: 2 }, { number: 1 }] });
});

test("of many the newest are listed, and how many there are before", async () => {
  for (let number = 4; number <= 205; number++) send(number);
  const { mails, earlier } = (await get("/api/mails")) as { mails: { number: number }[]; earlier: number };
  expect([mails.length, mails[0]?.number, mails.at(-1)?.number, earlier]).toEqual([200, 205, 6, 5]);
});

test("one is given in full, as it was sent", async () => {
  send(1, "What: <b>a drill</b>\n\nTo do: nothing.");
  expect(await get("/api/mails/1")).toEqual({
    ...{ number: 1, receivedAt: AT + 1, subject: "Mail 1" },
    ...{ from: "keyturn@keyturn.example", to: "on-call@keyturn.example" },
    text: "What: <b>a drill</b>\n\nTo do: nothing.",
  });
});

test.each([
  ["9999", 3, "There is no mail 9999."],
  ["../page.token", 2, '"../page.token" is no mail\'s number.'],
  ["1e0", 2, '"1e0" is no mail\'s number.'],
])("%s is answered by %i", async (number, code, message) => {
  await expect(get(`/api/mails/${encodeURIComponent(number)}`)).rejects.toMatchObject({ code, message });
});

test("an account's mails are kept by nobody", () => {
  expect(mailRoutes({ place: { ...here, kind: "aws" } })).toEqual([]);
});
