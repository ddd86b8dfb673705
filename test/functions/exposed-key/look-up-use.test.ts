import { describe, expect, test } from "vitest";
import type { contract } from "../../../functions/exposed-key/look-up-use/contract.ts";
import { lookUpUse } from "../../../functions/exposed-key/look-up-use/step.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";
import { NOW } from "../support.ts";
import { call, type ExposedWorld, exposedWorld, KEY, OTHER_KEY, REGIONS, thrown } from "./support.ts";

const HOUR_MS = 3600_000;
const given = { accessKeyId: KEY, regions: REGIONS, from: NOW - 24 * HOUR_MS, keys: 1 };

/** Goes on as the flow does, until all is read: what is found, and how many calls of the step it took. */
async function lookAtAll(world: ExposedWorld, input: InputOf<typeof contract> = given) {
  let found = await lookUpUse(input, world);
  let rounds = 1;
  for (; found.next !== undefined; rounds += 1) {
    found = await lookUpUse({ ...input, ...JSON.parse(JSON.stringify(found)) }, world);
  }
  return { ...found, rounds };
}

/** The world, in which a page of CloudTrail's takes its time. */
function slowWorld(pageMs: number): ExposedWorld {
  const world = exposedWorld();
  const { calls } = world.trail;
  world.trail.calls = async (asked) => {
    world.clock.at += pageMs;
    return calls(asked);
  };
  return world;
}

/** Has CloudTrail throw so often, before it answers. */
function failFirst(world: ExposedWorld, times: number, error: Error): void {
  const { calls } = world.trail;
  let left = times;
  world.trail.calls = async (asked) => {
    left -= 1;
    if (left >= 0) throw error;
    return calls(asked);
  };
}

test("finds nothing where nothing was done", async () => {
  expect(await lookUpUse(given, exposedWorld())).toEqual({
    use: { calls: [], total: 0, left: 0, roles: [], unread: [] },
    to: NOW,
  });
});

test("reads all pages of all Regions, of this key and of this time alone", async () => {
  const world = exposedWorld();
  world.trail.made.push(
    ...[1, 2, 3, 4, 5].map((n) => call({ at: NOW - n * 1000 })),
    ...[1, 2, 3].map(() => call({ region: "eu-west-1" })),
    ...[call({ accessKeyId: OTHER_KEY }), call({ region: "sa-east-1" })],
    ...[call({ at: NOW - 25 * HOUR_MS }), call({ at: NOW + HOUR_MS })],
  );
  const { use, next } = await lookUpUse(given, world);
  expect(next).toBeUndefined();
  expect(use).toMatchObject({ total: 8, unread: [] });
  expect(use.calls).toMatchObject([
    { name: "iam:CreateUser", count: 8, first: NOW - HOUR_MS, last: NOW - 1000, regions: ["eu-west-1", "us-east-1"] },
  ]);
});

test("asks for no more than CloudTrail allows in a second", async () => {
  const world = exposedWorld();
  world.trail.made.push(...Array.from({ length: 6 }, () => call()));
  await lookUpUse(given, world);
  expect(world.waits).toEqual([500, 500]);
});

describe("more than one call of the step can read", () => {
  test("goes on where it was, until all is counted once, and for the same time", async () => {
    const world = slowWorld(30_000);
    world.trail.made.push(
      ...Array.from({ length: 20 }, (_, n) => call({ at: NOW - n * 1000 })),
      ...Array.from({ length: 7 }, () => call({ region: "eu-west-1", name: "CreateRole" })),
    );
    const first = await lookUpUse(given, world);
    expect(first).toMatchObject({ to: NOW, next: { region: 0, rounds: 1 } });
    // What is done while it is looked.
    world.trail.made.push(call({ at: NOW + 1000 }));
    const all = await lookAtAll(world);
    expect(all.rounds).toBeGreaterThan(2);
    expect(all.use).toMatchObject({ total: 28, unread: [] });
    const found = await lookUpUse({ ...given, ...first }, world);
    expect(found.to).toBe(NOW);
  });

  test("a step never reads for so long that its Lambda ends", async () => {
    const world = slowWorld(5000);
    world.trail.made.push(...Array.from({ length: 200 }, () => call()));
    await lookUpUse(given, world);
    expect(world.clock.at - NOW).toBeLessThan(90_000);
  });

  test.each([
    [1, 80],
    [6, 40],
    [100, 4],
    [undefined, 4],
  ])("with %s keys ends after %i calls of the step, and says that there is more", async (keys, rounds) => {
    const world = slowWorld(80_000);
    world.trail.made.push(...Array.from({ length: 400 }, () => call()));
    const found = await lookAtAll(world, { ...given, keys });
    expect(found.rounds).toBe(rounds);
    expect(found.use.unread.map(({ region }) => region)).toEqual(["eu-west-1", "us-east-1"]);
    expect(found.use.unread[0]?.why).toContain("more than there was time for");
    expect(found.use.total).toBeGreaterThan(0);
  });
});

describe("CloudTrail", () => {
  test("that holds back is waited for", async () => {
    const world = exposedWorld();
    world.trail.made.push(call());
    failFirst(world, 5, thrown("ThrottlingException"));
    expect((await lookUpUse(given, world)).use).toMatchObject({ total: 1, unread: [] });
    expect(world.waits).toHaveLength(5);
    for (const waited of world.waits) expect(waited).toBeLessThanOrEqual(8000);
  });

  test("that holds back when the step's time is over is asked by the next call of it", async () => {
    const world = exposedWorld();
    world.trail.made.push(call());
    const { calls } = world.trail;
    world.trail.calls = async () => {
      world.clock.at += 81_000;
      throw thrown("ThrottlingException");
    };
    const held = await lookUpUse(given, world);
    expect([held.next, held.use.unread, world.waits]).toEqual([{ region: 0, rounds: 1 }, [], []]);
    world.trail.calls = calls;
    expect((await lookUpUse({ ...given, ...held }, world)).use).toMatchObject({ total: 1, unread: [] });
  });

  test.each([
    ["refuses", thrown("AccessDenied"), 0, "AccessDenied: It says why."],
    ["is away for good", thrown("ThrottlingException"), 7, "TemporarilyUnavailable: AWS could not be used"],
  ])("that %s in a Region leaves the others read, and it is said why", async (_, error, waits, why) => {
    const world = exposedWorld();
    world.trail.made.push(call(), call({ region: "eu-west-1" }));
    world.trail.failing.set("us-east-1", error);
    const { use, next } = await lookUpUse(given, world);
    expect([use.total, next, world.waits.length]).toEqual([1, undefined, waits]);
    expect(use.unread).toEqual([{ region: "us-east-1", why: expect.stringContaining(why) }]);
  });

  test("that fails on a later page leaves what was read", async () => {
    const world = exposedWorld();
    world.trail.made.push(...Array.from({ length: 5 }, () => call()));
    const { calls } = world.trail;
    world.trail.calls = (asked) => (asked.page ? Promise.reject(thrown("AccessDenied")) : calls(asked));
    expect((await lookUpUse(given, world)).use).toMatchObject({ total: 2, unread: [{ region: "us-east-1" }] });
  });

  test("whose reason is long, or has lines, is cut and printable", async () => {
    const world = exposedWorld();
    world.trail.failing.set("us-east-1", new Error(`a\nb${"x".repeat(500)}`));
    const [{ why } = { why: "" }] = (await lookUpUse(given, world)).use.unread;
    expect(why).toMatch(/^Error: a\?bx+$/);
    expect(why).toHaveLength(200);
  });
});
