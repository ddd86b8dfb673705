import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TrailEvent } from "../../../functions/clients/trail.ts";
import { addUp, cut, NO_USE, useOf } from "../../../functions/exposed-key/add-up.ts";
import { MOST_CALLS, MOST_ROLES, type Use, use as useForm } from "../../../functions/exposed-key/forms.ts";
import { NOW } from "../support.ts";
import { call } from "./support.ts";

const ROLE = "arn:aws:iam::000000000000:role/deploy";

test("calls are counted by name, with when, from where, and how many were refused", () => {
  const events = [
    call({ at: NOW - 1000 }),
    call({ at: NOW - 9000, address: "203.0.113.9", error: "AccessDenied" }),
    call({ at: NOW - 5000, source: "s3.amazonaws.com", name: "ListBuckets" }),
  ];
  expect(useOf(events, "us-east-1")).toEqual({
    calls: [
      {
        ...{ name: "iam:CreateUser", count: 2, first: NOW - 9000, last: NOW - 1000, refused: 1, leaves: true },
        ...{ regions: ["us-east-1"], addresses: ["198.51.100.7", "203.0.113.9"] },
      },
      expect.objectContaining({ name: "s3:ListBuckets", count: 1, leaves: false }),
    ],
    ...{ total: 3, left: 0, roles: [], unread: [] },
  });
});

test("what was refused leaves nothing", () => {
  const events = [call({ error: "AccessDenied" }), call({ error: "AccessDenied" })];
  expect(useOf(events, "us-east-1").calls).toMatchObject([{ count: 2, refused: 2, leaves: false }]);
});

test("roles that were taken on are told once; a refusal took none on", () => {
  const assume = { source: "sts.amazonaws.com", name: "AssumeRole", role: ROLE };
  expect(useOf([call(assume), call(assume)], "us-east-1").roles).toEqual([ROLE]);
  expect(useOf([call({ ...assume, error: "AccessDenied" })], "us-east-1").roles).toEqual([]);
});

test("roles of one account hide none of another, in whatever parts they come", () => {
  const assume = { source: "sts.amazonaws.com", name: "AssumeRole" };
  const ours = "arn:aws:iam::111122223333:role/deploy";
  const his = Array.from({ length: 3 * MOST_ROLES }, (_, n) =>
    useOf([call({ ...assume, role: `arn:aws:iam::000000000001:role/r${n}` })], "us-east-1"),
  );
  const parts = [...his, useOf([call({ ...assume, role: ours })], "us-east-1")];
  for (const all of [parts, [...parts].reverse()]) {
    const { roles } = all.reduce(addUp);
    expect(roles).toHaveLength(MOST_ROLES);
    expect(roles).toContain(ours);
  }
});

describe("cut", () => {
  const names = (use: Use) => use.calls.map(({ name }) => name);
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => call({ source: "s3.amazonaws.com", name: `List${n}` }));

  test("what leaves something comes first, then what is most frequent; the rest is counted", () => {
    const often = [1, 2, 3].map(() => call({ source: "ec2.amazonaws.com", name: "DescribeInstances" }));
    const use = cut(useOf([...many(60), ...often, call()], "us-east-1"));
    expect(use.calls).toHaveLength(MOST_CALLS);
    expect(names(use).slice(0, 2)).toEqual(["iam:CreateUser", "ec2:DescribeInstances"]);
    expect(use).toMatchObject({ total: 64, left: 60 - (MOST_CALLS - 2) });
    expect(useForm.safeParse(use).success).toBe(true);
  });

  test("however much was done, what is told of a key is small", () => {
    const events = Array.from({ length: 3000 }, (_, n) =>
      call({
        ...{ name: `Create${n % 500}${"x".repeat(80)}`, address: `198.51.${n % 250}.${n}${"x".repeat(60)}` },
        ...{ source: "sts.amazonaws.com", role: `${ROLE}${n}${"x".repeat(200)}` },
      }),
    );
    expect(JSON.stringify(cut(useOf(events, "us-east-1"))).length).toBeLessThan(50_000);
    expect(JSON.stringify(cut(useOf(events, "us-east-1"), 300)).length).toBeLessThan(240_000);
  });
});

describe("adding up", () => {
  const text = (...texts: string[]) => fc.constantFrom(...texts);
  const event: fc.Arbitrary<TrailEvent> = fc
    .record({
      id: text("any"),
      at: fc.integer({ min: NOW - 9, max: NOW }),
      source: text("iam.amazonaws.com", "sts.amazonaws.com"),
      name: text("CreateUser", "AssumeRole", "GetUser"),
      address: fc.integer({ min: 1, max: 9 }).map((n) => `198.51.100.${n}`),
      error: text("AccessDenied", ""),
      role: fc.integer({ min: 1, max: 90 }).map((n) => `arn:aws:iam::00000000000${n % 3}:role/r${n}`),
    })
    .map(({ error, role, ...one }) => ({
      ...one,
      ...(error !== "" && { error }),
      ...(one.name === "AssumeRole" && { role }),
    }));
  const part = fc
    .tuple(text("us-east-1", "eu-west-1", "eu-west-2", "ap-east-1", "sa-east-1", "us-west-2"), fc.array(event))
    .map(([region, events]) =>
      events.length === 0 ? { ...NO_USE, unread: [{ region, why: "away" }] } : useOf(events, region),
    );

  test("it does not matter in which order, or how they are grouped", () => {
    fc.assert(
      fc.property(part, part, part, (one, two, three) => {
        const all = addUp(addUp(one, two), three);
        expect(addUp(one, addUp(two, three))).toEqual(all);
        expect(addUp(three, addUp(two, one))).toEqual(all);
        expect(addUp(all, NO_USE)).toEqual(all);
      }),
      { seed: 17 },
    );
  });

  test("pages of events are together what one page of all is, and every call is counted", () => {
    fc.assert(
      fc.property(fc.array(event), fc.array(event), (one, other) => {
        const all = addUp(useOf(one, "us-east-1"), useOf(other, "us-east-1"));
        expect(all).toEqual(useOf([...other, ...one], "us-east-1"));
        expect(all.calls.reduce((sum, { count }) => sum + count, all.left)).toBe(all.total);
        for (const most of [0, 1, 2]) {
          const { calls, left, total } = cut(all, most);
          expect(calls.reduce((sum, { count }) => sum + count, left)).toBe(total);
        }
      }),
      { seed: 17 },
    );
  });
});
