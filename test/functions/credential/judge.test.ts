import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeUses, MOST_BEHIND, type Turned } from "../../../functions/credential/judge.ts";
import type { Sighting } from "../../../functions/credential/record.ts";
import { EC2, NOW, OTHER_EC2 } from "../support.ts";
import { CREDENTIAL, QUIET_MS } from "./support.ts";

const SINCE = NOW - 2 * QUIET_MS;
const TURNED: Turned = { user: "orders_b", former: "orders_a", since: SINCE };

function judged(sightings: Sighting[], turned: Partial<Turned> = {}, now = NOW) {
  return judgeUses(sightings, { ...TURNED, ...turned }, { now, credential: CREDENTIAL });
}

/** `web` proves its uses, on an instance. */
const web = (user: string, at: number, ec2InstanceId = EC2): Sighting => ({
  consumer: "web",
  user,
  at,
  by: "proofs",
  ec2InstanceId,
});
/** `pool` has sessions, and so has anybody else. */
const session = (consumer: string, user: string, at: number, address = "10.0.0.4"): Sighting => ({
  consumer,
  user,
  at,
  by: "sessions",
  address,
});
const pool = (user: string, at: number) => session("pool", user, at);

const MOVED = [web("orders_b", SINCE + 1), pool("orders_b", SINCE + 1)];

describe("all have moved", () => {
  test("when each named consumer was seen on the user in force, and nobody on the former one", () => {
    expect(judged(MOVED)).toEqual({ behind: [], stuck: [], moved: true });
  });

  test("when the last use of the former one is as old as the quiet time", () => {
    expect(judged([...MOVED, web("orders_a", NOW - QUIET_MS)])).toMatchObject({ moved: true });
    expect(judged([...MOVED, web("orders_a", NOW - QUIET_MS + 1)])).toMatchObject({ moved: false });
  });

  test("when the quiet time since the promotion is over", () => {
    expect(judged(MOVED, {}, SINCE + QUIET_MS)).toMatchObject({ moved: true });
    expect(judged(MOVED, {}, SINCE + QUIET_MS - 1)).toMatchObject({ moved: false });
  });

  test("only where a former user is to be retired", () => {
    expect(judged(MOVED, { since: undefined })).toEqual({ behind: [], stuck: [], moved: false });
  });
});

describe("a named consumer is not seen", () => {
  const notSeen = { behind: [{ consumer: "web", why: "NOT_SEEN" }], moved: false };

  test("where nothing is seen of it", () => {
    expect(judged([pool("orders_b", SINCE)])).toMatchObject(notSeen);
  });

  test("where it used the user in force before he was promoted", () => {
    expect(judged([pool("orders_b", SINCE), web("orders_b", SINCE - 1)])).toMatchObject(notSeen);
    expect(judged([pool("orders_b", SINCE), web("orders_b", SINCE)])).toMatchObject({ moved: true });
  });

  test("where it is seen in another way than is set for it", () => {
    expect(judged([pool("orders_b", SINCE), session("web", "orders_b", NOW)])).toMatchObject(notSeen);
    const proof: Sighting = { ...web("orders_b", NOW), consumer: "pool" };
    expect(judged([web("orders_b", NOW), proof]).behind).toEqual([{ consumer: "pool", why: "NOT_SEEN" }]);
  });

  test("and it is said when it used the former one last, long ago", () => {
    const long = [web("orders_a", SINCE - 5), web("orders_a", SINCE - 9, OTHER_EC2)];
    expect(judged([pool("orders_b", SINCE), ...long]).behind).toEqual([
      { consumer: "web", why: "NOT_SEEN", lastAt: SINCE - 5 },
    ]);
  });
});

describe("who uses the former user", () => {
  test("is behind at each of its places, the newest first", () => {
    const places = [web("orders_a", NOW - 9), web("orders_a", NOW - 5, OTHER_EC2)];
    expect(judged([...MOVED, ...places]).behind).toEqual([
      { consumer: "web", why: "USES_FORMER", lastAt: NOW - 5, ec2InstanceId: OTHER_EC2 },
      { consumer: "web", why: "USES_FORMER", lastAt: NOW - 9, ec2InstanceId: EC2 },
    ]);
  });

  test("is behind in whatever way it is seen", () => {
    expect(judged([...MOVED, session("web", "orders_a", NOW)]).behind).toEqual([
      { consumer: "web", why: "USES_FORMER", lastAt: NOW, address: "10.0.0.4" },
    ]);
  });

  test("is behind although nobody has named it", () => {
    expect(judged([...MOVED, session("psql", "orders_a", NOW)])).toMatchObject({
      behind: [{ consumer: "psql", why: "NOT_NAMED", lastAt: NOW, address: "10.0.0.4" }],
      moved: false,
    });
  });

  test("is all that counts before a turn where no former user waits to be retired", () => {
    const all = [
      web("orders_a", NOW - 1),
      session("psql", "orders_a", NOW),
      web("orders_a", NOW - QUIET_MS, OTHER_EC2),
    ];
    expect(judged(all, { since: undefined }).behind.map(({ consumer, why }) => [consumer, why])).toEqual([
      ["psql", "NOT_NAMED"],
      ["web", "USES_FORMER"],
    ]);
  });
});

describe("within the quiet time after a promotion", () => {
  const SOON = SINCE + QUIET_MS - 1;

  test("who was seen on the user in force is taken to have used the former one until then", () => {
    expect(judged(MOVED, {}, SOON).behind).toEqual([
      { consumer: "pool", why: "USES_FORMER", lastAt: SINCE },
      { consumer: "web", why: "USES_FORMER", lastAt: SINCE },
    ]);
  });

  test("there is somebody who may hold the former one, although none is named or seen", () => {
    const nobody = { ...CREDENTIAL, consumers: [] };
    const { behind } = judgeUses([], TURNED, { now: SOON, credential: nobody });
    expect(behind).toEqual([{ consumer: "(anybody)", why: "NOT_NAMED", lastAt: SINCE }]);
    expect(judgeUses([], TURNED, { now: SINCE + QUIET_MS, credential: nobody })).toMatchObject({ moved: true });
  });

  test("nobody is stuck", () => {
    expect(judged([web("orders_a", SOON)], {}, SOON).stuck).toEqual([]);
  });
});

describe("who does not move by itself", () => {
  const AFTER = SINCE + QUIET_MS;
  const stuckSoonAfter = (all: Sighting[]) => judged(all, {}, AFTER + 5).stuck;

  test("used the former user after the quiet time, at this place", () => {
    const all = [...MOVED, web("orders_a", AFTER - 1), web("orders_a", AFTER, OTHER_EC2)];
    expect(judged(all, {}, AFTER + 5).behind).toHaveLength(2);
    expect(stuckSoonAfter(all)).toEqual([
      { consumer: "web", why: "USES_FORMER", lastAt: AFTER, ec2InstanceId: OTHER_EC2 },
    ]);
  });

  test("was never seen on the user in force", () => {
    const all = [pool("orders_b", SINCE), web("orders_a", AFTER - 1)];
    expect(stuckSoonAfter(all)).toMatchObject([{ consumer: "web", why: "USES_FORMER" }]);
    expect(stuckSoonAfter([pool("orders_b", SINCE)])).toEqual([{ consumer: "web", why: "NOT_SEEN" }]);
  });

  test("may be none of those that are named", () => {
    expect(stuckSoonAfter([...MOVED, session("psql", "orders_a", AFTER)])).toMatchObject([{ consumer: "psql" }]);
    expect(stuckSoonAfter([...MOVED, session("psql", "orders_a", AFTER - 1)])).toEqual([]);
  });
});

describe("where nothing is missing but quiet, it is said until when", () => {
  test("a quiet time after the promotion, or after the last use of the former one", () => {
    expect(judged(MOVED, {}, SINCE + 5).quietUntil).toBe(SINCE + QUIET_MS);
    const use = web("orders_a", SINCE + 7);
    expect(judged([...MOVED, use], {}, SINCE + 9).quietUntil).toBe(SINCE + 7 + QUIET_MS);
    expect(judged([...MOVED, use], {}, SINCE + QUIET_MS).quietUntil).toBe(SINCE + 7 + QUIET_MS);
  });

  test("and not where somebody has to be seen yet, or is stuck", () => {
    expect(judged([web("orders_b", SINCE)], {}, SINCE + 5)).not.toHaveProperty("quietUntil");
    expect(judged([...MOVED, web("orders_a", NOW)])).not.toHaveProperty("quietUntil");
    expect(judged(MOVED)).not.toHaveProperty("quietUntil");
  });
});

describe("of many who are behind", () => {
  test("not more are told of than fit, in order of their names", () => {
    const many = Array.from({ length: 99 }, (_, n) => session(`c${n + 100}`, "orders_a", NOW));
    const { behind, stuck } = judged([...MOVED, ...many]);
    expect(behind.map(({ consumer }) => consumer)).toEqual(many.slice(0, MOST_BEHIND).map(({ consumer }) => consumer));
    expect(stuck).toHaveLength(MOST_BEHIND);
  });

  test("who is named is told of before others, and each of them before any one's second place", () => {
    const others = Array.from({ length: 99 }, (_, n) => session(`a${n}`, "orders_a", NOW));
    const places = Array.from({ length: 99 }, (_, n) => session("pool", "orders_a", NOW, `10.0.1.${n}`));
    const { behind } = judged([...others, ...places, web("orders_a", NOW)]);
    expect(behind).toHaveLength(MOST_BEHIND);
    expect(new Set(behind.map(({ consumer }) => consumer))).toEqual(new Set(["pool", "web"]));
  });
});

describe("whatever is seen", () => {
  // Around each limit: the promotion, the quiet time after it, the quiet time until now.
  const offsets = fc.oneof(
    fc.integer({ min: -3 * QUIET_MS, max: 60_000 }),
    fc.constantFrom(-2 * QUIET_MS - 1, -2 * QUIET_MS, -QUIET_MS - 1, -QUIET_MS, -QUIET_MS + 1, -1, 0, 1),
  );
  const times = offsets.map((offset) => NOW + offset);
  const sightings: fc.Arbitrary<Sighting[]> = fc.array(
    fc.record({
      consumer: fc.constantFrom("web", "pool", "psql"),
      user: fc.constantFrom("orders_a", "orders_b"),
      at: times,
      by: fc.constantFrom("sessions" as const, "proofs" as const),
    }),
    { maxLength: 10 },
  );
  const since = fc.option(times, { nil: undefined });
  const RUNS = { numRuns: 1000 };
  const isUse = ({ user, at }: Sighting) => user === "orders_a" && NOW - at < QUIET_MS;

  test("nobody has moved while somebody used the former user within the quiet time", () => {
    fc.assert(
      fc.property(sightings, since, times, (all, promotedAt, at) => {
        const use: Sighting = { consumer: "psql", user: "orders_a", at, by: "sessions" };
        fc.pre(isUse(use));
        expect(judged([...all, use], { since: promotedAt })).toMatchObject({ moved: false });
      }),
      RUNS,
    );
  });

  test("all have moved exactly when the three conditions hold, and then nobody is behind", () => {
    let sawMoved = false;
    fc.assert(
      fc.property(sightings, since, (some, promotedAt) => {
        // Else hardly any run would have moved.
        const all = [...some, web("orders_b", NOW - 1)];
        const isSeen = (consumer: string, by: string) =>
          all.some(
            (one) =>
              one.consumer === consumer && one.by === by && one.user === "orders_b" && one.at >= (promotedAt ?? 0),
          );
        const expected =
          promotedAt !== undefined &&
          NOW >= promotedAt + QUIET_MS &&
          isSeen("web", "proofs") &&
          isSeen("pool", "sessions") &&
          !all.some(isUse);
        sawMoved ||= expected;
        const { moved, behind } = judged(all, { since: promotedAt });
        expect(moved).toBe(expected);
        if (promotedAt !== undefined) expect(behind.length === 0).toBe(expected);
        else expect(behind).toHaveLength(all.filter(isUse).length);
      }),
      RUNS,
    );
    expect(sawMoved).toBe(true);
  });

  test("who is stuck is behind, and only quiet is waited for where nobody is", () => {
    fc.assert(
      fc.property(sightings, since, (all, promotedAt) => {
        const { behind, stuck, quietUntil } = judged(all, { since: promotedAt });
        for (const one of stuck) expect(behind).toContainEqual(one);
        if (quietUntil === undefined) return;
        expect(quietUntil).toBeGreaterThan(NOW);
        expect(stuck).toEqual([]);
        // If nothing else is seen until then, all have moved.
        const { moved } = judged(all, { since: promotedAt }, quietUntil);
        expect(moved).toBe(true);
      }),
      RUNS,
    );
  });

  test("their order does not matter", () => {
    const shuffled = sightings.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, since, ([all, other], promotedAt) => {
        expect(judged(other, { since: promotedAt })).toEqual(judged(all, { since: promotedAt }));
      }),
    );
  });
});
