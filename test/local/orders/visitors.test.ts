import { beforeEach, expect, test } from "vitest";
import { Visitors } from "../../../local/orders/visitors.ts";

let told: string[];
/** What the pages say, by port; an application that is not there says nothing. */
let pages: Map<string, string>;
let visitors: Visitors;
beforeEach(() => {
  [told, pages] = [[], new Map()];
  visitors = new Visitors({
    ports: { web: 1, pool: 2 },
    tell: (sentence) => told.push(sentence),
    async ask(url) {
      const page = pages.get(new URL(url).port);
      if (page === undefined) throw new Error(`connect ECONNREFUSED ${url}`);
      return page;
    },
  });
});

const says = (port: "1" | "2", db_status: string, error?: string) =>
  pages.set(port, JSON.stringify({ db_status, ...(error !== undefined && { error }) }));

test("what changes is told once, and an application that is not there is no refusal", async () => {
  await visitors.visit();
  says("1", "CONNECTED");
  await visitors.visit();
  await visitors.visit();
  pages.delete("1");
  await visitors.visit();
  expect(told).toEqual(["web  CONNECTED."]);
  expect(visitors.counts).toEqual({ connected: 2, refused: 0 });
});

test("a refusal counts from the first time on that an application had its database", async () => {
  says("1", "CONNECTED");
  says("2", "DISCONNECTED", "password authentication failed");
  await visitors.visit();
  says("1", "DISCONNECTED", "no more");
  says("2", "CONNECTED");
  await visitors.visit();
  expect(told).toEqual([
    "web  CONNECTED.",
    "pool  waits to be let in: the secret's first turn sets its user. (password authentication failed)",
    "web  DISCONNECTED: no more",
    "pool  CONNECTED.",
  ]);
  expect(visitors.counts).toEqual({ connected: 2, refused: 1 });
});
