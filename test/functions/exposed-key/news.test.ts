import { describe, expect, test } from "vitest";
import type { TrailEvent } from "../../../functions/clients/trail.ts";
import { addUp, cut, NO_USE, useOf } from "../../../functions/exposed-key/add-up.ts";
import { newsIn } from "../../../functions/exposed-key/news.ts";
import { NOW } from "../support.ts";
import { call } from "./support.ts";

const use = (...events: TrailEvent[]) => useOf(events, "us-east-1");
const reads = { source: "s3.amazonaws.com", name: "ListBuckets" };
const unread = (region: string) => ({ ...NO_USE, unread: [{ region, why: "away" }] });

test("what is known is no news", () => {
  const known = use(call(), call(reads));
  expect(newsIn(known, known)).toBeUndefined();
  expect(newsIn(NO_USE, NO_USE)).toBeUndefined();
  expect(newsIn(NO_USE, undefined)).toBeUndefined();
  // CloudTrail has answered less than before.
  expect(newsIn(use(call(reads)), known)).toBeUndefined();
});

test("all is new where nothing could be told", () => {
  const found = use(call(), call(reads));
  expect(newsIn(found, undefined)).toEqual(found);
});

test("a name, and more calls of a name, are news; these are counted alone", () => {
  const known = use(call({ at: NOW - 5000 }), call(reads));
  const later = use(call({ at: NOW - 1000, error: "AccessDenied" }), call({ at: NOW, name: "CreateRole" }));
  expect(newsIn(addUp(known, later), known)).toEqual({
    calls: [
      expect.objectContaining({ name: "iam:CreateRole", count: 1, first: NOW, leaves: true }),
      expect.objectContaining({
        ...{ name: "iam:CreateUser", count: 1, refused: 1, leaves: false },
        ...{ first: NOW - 5000, last: NOW - 1000 },
      }),
    ],
    ...{ total: 2, left: 0, roles: [], unread: [] },
  });
});

test("calls that CloudTrail had late begin when they were made", () => {
  const known = use(call({ at: NOW - 5000 }));
  const news = newsIn(addUp(known, use(call({ at: NOW - 9000 }))), known);
  expect(news?.calls).toMatchObject([{ first: NOW - 9000, count: 1, leaves: true }]);
});

test("a role is news, and a Region that cannot be read any more", () => {
  const assume = { source: "sts.amazonaws.com", name: "AssumeRole" };
  const known = use(call({ ...assume, role: "one" }), call({ ...assume, role: "two" }));
  const found = use(call({ ...assume, role: "three" }), call({ ...assume, role: "two" }));
  expect(newsIn(found, known)).toMatchObject({ calls: [], roles: ["three"] });
  expect(newsIn(addUp(known, unread("eu-west-1")), known)).toMatchObject({
    calls: [],
    unread: [{ region: "eu-west-1" }],
  });
  expect(newsIn(unread("eu-west-1"), unread("eu-west-1"))).toBeUndefined();
});

describe("where there was no room for all names", () => {
  const many = Array.from({ length: 50 }, (_, n) => call({ ...reads, name: `List${n}` }));

  test("one that was not told is no news while there are no more calls", () => {
    const found = use(...many);
    const first = cut(found);
    const others = { ...found, calls: found.calls.slice(-40), left: 10 };
    expect(newsIn(others, first)).toBeUndefined();
  });

  test("one that leaves something behind is, and any where there are more calls", () => {
    const first = cut(use(...many));
    const found = cut(addUp(use(...many), use(call())));
    expect(newsIn(found, first)?.calls).toMatchObject([{ name: "iam:CreateUser" }]);
  });
});
