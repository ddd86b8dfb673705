import { describe, expect, test } from "vitest";
import { MOST_USES } from "../../../functions/clients/uses.ts";
import { readUses } from "../../../functions/credential/read-uses/step.ts";
import { StepError } from "../../../functions/shared/errors.ts";
import type { Use } from "../../../protocol/index.ts";
import { EC2, NOW, OTHER_EC2, SKEW_MS } from "../support.ts";
import {
  API_SECRET,
  CREDENTIAL,
  type CredentialWorld,
  credentialWorld,
  DEADLINE_MS,
  FIRST,
  LIFETIME_MS,
  passwordOf,
  QUIET_MS,
  READER,
  SECRET,
  THIRD,
  TOKEN,
  type TokenWorld,
  tokenWorld,
  WRITER,
} from "./support.ts";

const A = { versionId: FIRST, user: "orders_a" };
const B = { versionId: TOKEN, user: "orders_b" };

/** Before the first turn: `orders_b` is to be set. */
const lookBefore = (world: CredentialWorld) =>
  readUses({ secret: SECRET, token: TOKEN, current: A, other: { user: "orders_b" }, waits: 0 }, world);
/** After it: `orders_a` is to be retired. */
const lookAfter = (world: CredentialWorld, waits = 1, token = TOKEN) =>
  readUses({ secret: SECRET, token, current: B, other: A, waits }, world);

/** The second version was promoted, and some time has passed since then. */
async function turned(passedMs = QUIET_MS): Promise<CredentialWorld> {
  const world = await credentialWorld();
  await world.turn();
  world.clock.at += passedMs;
  return world;
}

/** Both consumers use the version in force now. */
function use(world: CredentialWorld): void {
  world.prove(TOKEN);
  world.connect("orders_b", "pool");
}

const sightings = async (world: CredentialWorld) => (await world.record()).sightings;
const consumersOf = (behind: { consumer: string }[]) => behind.map(({ consumer }) => consumer);

describe("before a turn", () => {
  test("nobody is behind where nobody uses the user that is turned", async () => {
    const world = await credentialWorld();
    world.connect("orders_a", "pool");
    world.prove(FIRST);
    expect(await lookBefore(world)).toMatchObject({
      behind: [],
      unannounced: [],
      moved: false,
      late: false,
      superseded: true,
    });
  });

  test("who uses him now is behind, named or not", async () => {
    const world = await credentialWorld();
    world.connect("orders_b", "pool");
    world.connect("orders_b", "psql", { address: "10.0.0.9" });
    expect((await lookBefore(world)).behind).toEqual([
      { consumer: "pool", why: "USES_FORMER", lastAt: NOW, address: "10.0.0.4" },
      { consumer: "psql", why: "NOT_NAMED", lastAt: NOW, address: "10.0.0.9" },
    ]);
  });

  test.each([
    ["is retired", { predecessor: undefined }],
    ["is another one than is turned now", { predecessor: { ...B, announced: [] } }],
  ])("nobody has to have moved where the last turn's former user %s", async (_, change) => {
    const world = await turned();
    await world.note(change);
    expect(await lookAfter(world, 0, THIRD)).toMatchObject({ behind: [], unannounced: [], moved: false, late: false });
  });

  test("all have to have moved to a version whose promotion nobody came to note", async () => {
    const world = await turned(10_000);
    const { confirmed } = await world.record();
    await world.note({ current: { ...A, since: 0, execution: "one" }, predecessor: undefined, confirmed });
    expect((await lookAfter(world, 0, THIRD)).behind).toMatchObject([{ why: "NOT_SEEN" }, { why: "NOT_SEEN" }]);
    use(world);
    expect((await lookAfter(world, 0, THIRD)).behind).toMatchObject([{ lastAt: NOW }, { lastAt: NOW }]);
    world.clock.at += QUIET_MS;
    expect(await lookAfter(world, 0, THIRD)).toMatchObject({ behind: [] });
    // A later version is confirmed, and not in force yet.
    await world.note({ confirmed: { versionId: THIRD, user: "orders_a", at: world.clock.at }, sightings: [] });
    world.disconnect();
    world.uses.written.length = 0;
    expect(await lookAfter(world, 0, THIRD)).toMatchObject({ behind: [] });
  });

  test("a second turn soon after the first one finds all behind who could fetch the former one until then", async () => {
    const world = await turned(10_000);
    use(world);
    const { behind } = await lookAfter(world, 0, THIRD);
    expect(behind.map(({ consumer, why }) => [consumer, why])).toEqual([
      ["pool", "USES_FORMER"],
      ["web", "USES_FORMER"],
    ]);
  });
});

describe("sessions", () => {
  test("are seen on each server, and noted with their address", async () => {
    const world = await credentialWorld();
    world.connect("orders_a", "pool", { host: WRITER });
    world.connect("orders_a", "pool", { host: READER, address: "10.0.0.5" });
    world.connect("orders_a", "psql", { host: READER, address: null });
    await lookBefore(world);
    expect(await sightings(world)).toEqual(
      expect.arrayContaining([
        { consumer: "pool", user: "orders_a", at: NOW, by: "sessions", address: "10.0.0.4" },
        { consumer: "pool", user: "orders_a", at: NOW, by: "sessions", address: "10.0.0.5" },
        { consumer: "psql", user: "orders_a", at: NOW, by: "sessions" },
      ]),
    );
  });

  test("of Keyturn's own count for nothing", async () => {
    const world = await credentialWorld();
    world.connect("orders_b", "keyturn");
    expect(await lookBefore(world)).toMatchObject({ behind: [] });
    expect(await sightings(world)).toEqual([]);
  });

  test("may call themselves anything, which is cut and made one line", async () => {
    const world = await credentialWorld();
    world.connect("orders_b", `two\nlines${"x".repeat(99)}`);
    world.connect("orders_b", "");
    const { behind } = await lookBefore(world);
    expect(consumersOf(behind)).toEqual(["(no name)", `two?lines${"x".repeat(54)}`]);
    expect(behind.every(({ consumer }) => consumer.length <= 63)).toBe(true);
  });

  test("of the user in force count if they have begun since his version was set, with some skew", async () => {
    const world = await turned();
    world.prove(TOKEN);
    const setAt = NOW;
    world.connect("orders_b", "pool", { since: setAt - SKEW_MS - 1 });
    expect((await lookAfter(world)).behind).toMatchObject([{ consumer: "pool", why: "NOT_SEEN" }]);
    world.connect("orders_b", "pool", { since: setAt - SKEW_MS });
    expect(await lookAfter(world)).toMatchObject({ behind: [], moved: true });
  });

  test("go by the moment at which this version was confirmed, where that is known still", async () => {
    const world = await turned();
    await world.note({ confirmed: { ...B, at: NOW - 5_000 } });
    world.connect("orders_b", "pool", { since: NOW - SKEW_MS - 5_000 });
    await lookAfter(world);
    expect(await sightings(world)).toHaveLength(1);
    // The next version's confirmation says nothing of this one's sessions.
    await world.note({ confirmed: { versionId: THIRD, user: "orders_a", at: NOW - 5_000 }, sightings: [] });
    await lookAfter(world);
    expect(await sightings(world)).toEqual([]);
  });

  test("of the former user count whenever they have begun", async () => {
    const world = await turned();
    use(world);
    world.connect("orders_a", "pool", { since: 0 });
    expect((await lookAfter(world)).behind).toMatchObject([{ consumer: "pool", why: "USES_FORMER" }]);
  });

  test("are not asked for where the database is away, and nothing is noted", async () => {
    const world = await turned();
    const reader = world.authority.servers.get(READER);
    if (reader) reader.isAway = true;
    await expect(lookAfter(world)).rejects.toMatchObject({ name: "AuthorityUnreachable" });
    expect(await sightings(world)).toEqual([]);
  });
});

describe("use proofs", () => {
  test("show which user a consumer used last, and on which instance", async () => {
    const world = await turned();
    use(world);
    world.prove(FIRST, "web", { ec2InstanceId: OTHER_EC2, timeMs: world.clock.at - 5 });
    expect((await lookAfter(world)).behind).toEqual([
      { consumer: "web", why: "USES_FORMER", lastAt: world.clock.at - 5, ec2InstanceId: OTHER_EC2 },
    ]);
    expect(await sightings(world)).toContainEqual({
      consumer: "web",
      user: "orders_b",
      at: world.clock.at,
      by: "proofs",
      ec2InstanceId: EC2,
    });
  });

  test("that prove nothing are passed over, whatever they say", async () => {
    const world = await turned();
    const at = world.clock.at;
    world.prove(TOKEN, "web", { credential: "guessed" });
    world.prove(FIRST, "psql", { credential: passwordOf(TOKEN) });
    world.prove(THIRD, "psql");
    world.prove(TOKEN, "pool");
    const good = world.uses.written.at(-1) as Use;
    world.uses.write({ ...good, consumer: "web" });
    world.uses.write({ ...good, timeMs: at - 1 });
    await lookAfter(world);
    // The proof of `pool` stands for `pool` alone, at its own time.
    expect(await sightings(world)).toEqual([
      { consumer: "pool", user: "orders_b", at, by: "proofs", ec2InstanceId: EC2 },
    ]);
  });

  test("that are false hold a retirement up where they may hide what is true, and prove nothing there", async () => {
    for (const canHide of [false, true]) {
      const world = await turned();
      world.uses.canHide = canHide;
      use(world);
      // Somebody else's, in the place of what the consumer wrote of the former version.
      world.prove(FIRST, "web", { credential: "forged" });
      const { moved, behind } = await lookAfter(world);
      expect({ moved, behind: consumersOf(behind) }).toEqual(
        canHide ? { moved: false, behind: ["web"] } : { moved: true, behind: [] },
      );
    }
    const world = await turned();
    world.uses.canHide = true;
    world.connect("orders_b", "pool");
    world.prove(TOKEN, "web", { credential: "forged" });
    expect(consumersOf((await lookAfter(world)).behind)).toEqual(["web"]);
  });

  test("count from as long ago as they are of use, and from as far ahead as clocks may be", async () => {
    const world = await turned();
    const kept = DEADLINE_MS + QUIET_MS;
    world.prove(TOKEN, "pool", { timeMs: world.clock.at + SKEW_MS + 1 });
    world.prove(TOKEN, "web", { timeMs: world.clock.at + SKEW_MS });
    world.prove(FIRST, "psql", { timeMs: world.clock.at - kept });
    world.prove(FIRST, "cron", { timeMs: world.clock.at - kept - 1 });
    await lookAfter(world);
    expect((await sightings(world)).map(({ consumer }) => consumer)).toEqual(["web", "psql"]);
  });

  test("are held against values that name one of the two users, and no others", async () => {
    const world = await turned();
    world.secrets.putCurrent(SECRET, THIRD, JSON.stringify({ username: "postgres", password: passwordOf(THIRD) }));
    world.prove(THIRD);
    await readUses({ secret: SECRET, token: TOKEN, current: { versionId: THIRD }, other: A, waits: 0 }, world);
    expect(await sightings(world)).toEqual([]);
  });

  test("have each value read once, and none of which there is no proof", async () => {
    const world = await turned();
    const read: string[] = [];
    const secrets = {
      ...world.secrets,
      read(name: string, version: string) {
        read.push(version);
        return world.secrets.read(name, version);
      },
    };
    await lookAfter({ ...world, secrets });
    expect(read).toEqual([]);
    for (const consumer of ["web", "pool", "psql"]) world.prove(TOKEN, consumer);
    world.prove(THIRD);
    await lookAfter({ ...world, secrets });
    expect(read).toEqual([TOKEN]);
  });

  test("that are too many stop the look", async () => {
    const world = await turned();
    const flood = (n: number) => ({ secret: SECRET, consumer: `x${n}`, timeMs: world.clock.at });
    world.uses.written.push(...Array.from({ length: MOST_USES + 1 }, (_, n) => flood(n)));
    await expect(lookAfter(world)).rejects.toMatchObject({ name: "TooManyUses" });
  });
});

describe("the record", () => {
  test("remembers who was seen when he is there no more", async () => {
    const world = await turned(QUIET_MS / 2);
    use(world);
    world.connect("orders_a", "psql");
    await lookAfter(world);
    world.disconnect();
    world.clock.at += QUIET_MS - 1;
    expect((await lookAfter(world)).behind).toMatchObject([
      { consumer: "psql", why: "NOT_NAMED", lastAt: NOW + QUIET_MS / 2 },
    ]);
    world.clock.at += 1;
    expect(await lookAfter(world)).toMatchObject({ behind: [], moved: true });
  });

  test("is written when there is something new, and only then", async () => {
    const world = await turned();
    world.prove(TOKEN);
    await lookAfter(world);
    const { version } = await world.record();
    world.clock.at += 1000;
    await lookAfter(world);
    expect((await world.record()).version).toBe(version);
    world.prove(TOKEN);
    await lookAfter(world);
    expect((await world.record()).version).toBe(version + 1);
  });

  test("keeps what others have written into it meanwhile", async () => {
    const world = await turned();
    use(world);
    const { find } = world.credentials;
    let finds = 0;
    world.credentials.find = async (name) => {
      const found = await find(name);
      finds += 1;
      // Between the step's reading and its writing.
      if (finds === 2) await world.note({ failing: { since: NOW, nextTryAt: NOW, what: "X", execution: "x" } });
      return found;
    };
    await lookAfter(world);
    expect(await world.record()).toMatchObject({ failing: { what: "X" }, sightings: [{}, {}] });
  });

  test("has no room for all of a flood, and for the last use of the former user", async () => {
    const world = await turned();
    use(world);
    for (let n = 0; n < 300; n += 1) world.connect("orders_b", `x${n}`);
    world.connect("orders_a", "psql");
    expect(await lookAfter(world)).toMatchObject({ behind: [{ consumer: "psql" }], moved: false });
    // The named ones stand beside those that there is room for.
    expect(await sightings(world)).toHaveLength(2 + 200);
  });
});

describe("after a promotion", () => {
  test("all have moved once each was seen, and it has been quiet for long enough", async () => {
    const world = await turned(QUIET_MS - 1);
    use(world);
    expect(await lookAfter(world)).toMatchObject({ moved: false, superseded: false, late: false, againInSeconds: 1 });
    world.clock.at += 1;
    expect(await lookAfter(world)).toMatchObject({
      moved: true,
      behind: [],
      unannounced: [],
      superseded: false,
      late: false,
    });
  });

  test("the next look comes when the quiet time can be over", async () => {
    const world = await turned(QUIET_MS / 2);
    use(world);
    world.prove(FIRST, "web", { timeMs: NOW + 10_500 });
    expect(await lookAfter(world)).toMatchObject({ moved: false, againInSeconds: QUIET_MS / 2000 + 11 });
  });

  test("an application that connects for each request and keeps a version for a while is never called behind", async () => {
    const world = await credentialWorld({ consumers: [{ name: "web", seenBy: "proofs" }] });
    await world.turn();
    const cachedUntil = NOW + QUIET_MS - 60_000;
    const seen: unknown[] = [];
    for (let looks = 0, wait = 0; looks < 20; looks += 1, world.clock.at += wait * 1000) {
      // Its last use of each version until now.
      world.prove(FIRST, "web", { timeMs: Math.min(world.clock.at, cachedUntil) });
      if (world.clock.at > cachedUntil) world.prove(TOKEN);
      const { moved, unannounced, againInSeconds } = await lookAfter(world, looks);
      seen.push(...unannounced);
      if (moved) break;
      wait = againInSeconds;
    }
    expect(seen).toEqual([]);
    expect(world.clock.at).toBe(cachedUntil + QUIET_MS);
  });

  test("who will not move by itself is to be announced, once the quiet time is over, and once", async () => {
    const world = await turned(QUIET_MS - 1);
    world.prove(TOKEN);
    world.connect("orders_a", "pool");
    expect((await lookAfter(world)).unannounced).toEqual([]);
    world.clock.at += 1;
    expect(consumersOf((await lookAfter(world)).unannounced)).toEqual(["pool"]);
    await world.note({ predecessor: { ...A, announced: ["pool"] } });
    expect(await lookAfter(world)).toMatchObject({ unannounced: [], behind: [{ consumer: "pool" }] });
  });

  test("the deadline is over when it is", async () => {
    const world = await turned(DEADLINE_MS - 1);
    expect(await lookAfter(world)).toMatchObject({ late: false, againInSeconds: 1 });
    world.clock.at += 1;
    expect(await lookAfter(world)).toMatchObject({ late: true });
  });

  test.each([
    ["has no predecessor any more", (world: CredentialWorld) => world.note({ predecessor: undefined })],
    [
      "is not the last one that was promoted",
      (world: CredentialWorld) => world.note({ current: { ...A, since: NOW, execution: "one" } }),
    ],
    ["is not the current one", (world: CredentialWorld) => world.secrets.putCurrent(SECRET, THIRD, "{}")],
    ["is of a secret that is gone", (world: CredentialWorld) => world.secrets.delete(SECRET)],
  ])("a version that %s is superseded", async (_, change) => {
    const world = await turned();
    await change(world);
    expect(await lookAfter(world)).toMatchObject({ superseded: true });
  });

  test("a third version that is made current at once supersedes it at once", async () => {
    const world = await turned(1);
    world.secrets.putCurrent(SECRET, THIRD, "{}");
    expect(await lookAfter(world)).toMatchObject({ superseded: true });
  });

  test.each(["before it looks", "while it looks"])(
    "a look of an execution that another one overtakes %s shows nobody on what that has promoted",
    async (when) => {
      const world = await turned(10_000);
      const { of } = world.uses;
      // The other one has turned the user whom this one waits to be left, or is about to turn.
      const overtake = () =>
        world.note({
          current: { versionId: THIRD, user: "orders_a", since: world.clock.at, execution: "two" },
          confirmed: { versionId: THIRD, user: "orders_a", at: world.clock.at },
          predecessor: { ...B, announced: [] },
        });
      if (when === "before it looks") await overtake();
      else {
        world.uses.of = async (...given) => {
          await overtake();
          return of(...given);
        };
      }
      world.clock.at += 1000;
      world.prove(FIRST);
      await lookAfter(world, 0, when === "before it looks" ? TOKEN : "a fourth version");
      expect(await sightings(world)).toEqual([]);
    },
  );

  test("labels that lag do not supersede it, and those that were moved back do", async () => {
    const world = await credentialWorld();
    const catchUp = world.secrets.fallBehind();
    const stale = await world.secrets.stages(SECRET);
    catchUp();
    await world.turn();
    const secrets = { ...world.secrets, stages: async () => stale };
    world.clock.at = NOW + 59_999;
    expect(await lookAfter({ ...world, secrets })).toMatchObject({ superseded: false });
    world.clock.at = NOW + 60_000;
    expect(await lookAfter({ ...world, secrets })).toMatchObject({ superseded: true });
  });

  test("a whole rotation with a consumer that never moves stays under sixty state transitions", async () => {
    const world = await turned(0);
    // ValidateSecret to Promoted; then NotifySns, Notified and Failed.
    let transitions = 11 + 3;
    let looks = 0;
    // The first wait is the promotion's.
    for (let wait = CREDENTIAL.quietSeconds, late = false; !late; looks += 1) {
      world.clock.at += wait * 1000;
      world.prove(TOKEN);
      world.disconnect();
      world.connect("orders_a", "pool");
      const look = await lookAfter(world, looks + 1);
      // AwaitConsumers, ReadUses, Uses, and where somebody is to be announced, NotifyBehind.
      transitions += 3 + Math.sign(look.unannounced.length);
      await world.note({ predecessor: { ...A, announced: ["pool"] } });
      ({ againInSeconds: wait, late } = look);
    }
    expect(world.clock.at - NOW).toBe(DEADLINE_MS);
    expect(looks).toBeGreaterThan(5);
    expect(transitions).toBeLessThan(60);
  });
});

test("a secret that the settings do not name is told", async () => {
  const world = await credentialWorld();
  await expect(lookBefore({ ...world, credentialSettings: [] })).rejects.toMatchObject({ name: "UnknownCredential" });
});

test("nothing that is given or noted holds a password or a proof", async () => {
  const world = await turned();
  use(world);
  world.prove(FIRST, "web", { ec2InstanceId: OTHER_EC2 });
  const kept = JSON.stringify([await lookAfter(world), await world.record()]);
  expect(kept).not.toMatch(/password|[0-9a-f]{64}/);
});

describe("of a token", () => {
  const lookAfter = (world: TokenWorld, waits = 1) =>
    readUses(
      {
        ...{ secret: API_SECRET, token: TOKEN, waits },
        current: { versionId: TOKEN, user: "token_b" },
        other: { user: "token_a", versionId: FIRST },
      },
      world,
    );

  test("uses are seen by proofs with the token itself", async () => {
    const world = await tokenWorld();
    await world.turn();
    world.clock.at += QUIET_MS + 1;
    world.prove(FIRST, "web");
    world.prove(TOKEN, "batch");
    world.prove(TOKEN, "made up", { credential: "another token" });
    const { behind, moved } = await lookAfter(world);
    expect(behind).toEqual([{ consumer: "web", why: "USES_FORMER", lastAt: world.clock.at, ec2InstanceId: EC2 }]);
    expect(moved).toBe(false);
    expect((await world.record()).sightings.map(({ consumer, user }) => `${consumer} ${user}`).sort()).toEqual([
      "batch token_b",
      "web token_a",
    ]);
  });

  test("all have moved when each was seen on the new one, and it was quiet", async () => {
    const world = await tokenWorld();
    await world.turn();
    world.clock.at += QUIET_MS + 1;
    world.prove(TOKEN, "web");
    world.prove(TOKEN, "batch");
    expect(await lookAfter(world)).toMatchObject({ behind: [], moved: true, superseded: false });
  });

  test("who was not seen is behind until the former one has ended by itself, at which it is looked again", async () => {
    const world = await tokenWorld({ deadlineSeconds: LIFETIME_MS / 500 });
    world.clock.at += LIFETIME_MS / 2;
    await world.turn();
    world.clock.at += LIFETIME_MS / 2 - 60_000;
    expect(await lookAfter(world, 30)).toMatchObject({ moved: false, late: false, againInSeconds: 60 });
    world.clock.at += 60_000;
    expect(await lookAfter(world)).toMatchObject({ behind: [], unannounced: [], moved: true });
  });

  test("nobody is waited for with one whose end was asked for", async () => {
    const world = await tokenWorld();
    await world.turn();
    const { predecessor } = await world.record();
    if (predecessor !== undefined) await world.note({ predecessor: { ...predecessor, forced: true } });
    expect(await lookAfter(world)).toMatchObject({ behind: [], moved: true });
  });

  test("before its turn, who still uses the other one is behind", async () => {
    const world = await tokenWorld({ tokensPerKey: "many" });
    await world.issueFor(THIRD, "token_b");
    world.secrets.putCurrent(
      API_SECRET,
      THIRD,
      JSON.stringify({ access_token: world.tokenOf(THIRD), turn: "token_b" }),
    );
    world.prove(THIRD, "web");
    const input = {
      ...{ secret: API_SECRET, token: TOKEN, waits: 0 },
      current: { versionId: FIRST, user: "token_a" },
      other: { user: "token_b", versionId: THIRD },
    };
    expect(await readUses(input, world)).toMatchObject({ behind: [{ consumer: "web", why: "USES_FORMER" }] });
  });

  describe("whose use proofs are flooded", () => {
    const lookBefore = (world: TokenWorld) =>
      readUses(
        {
          ...{ secret: API_SECRET, token: TOKEN, waits: 0 },
          ...{ current: { versionId: FIRST, user: "token_a" }, other: { user: "token_b" } },
        },
        world,
      );

    async function flooded(): Promise<TokenWorld> {
      const world = await tokenWorld();
      world.uses.of = () => Promise.reject(new StepError("TooManyUses", "somebody floods it"));
      return world;
    }

    test("it is not turned while it is good, and the former one is waited for", async () => {
      const world = await flooded();
      await expect(lookBefore(world)).rejects.toMatchObject({ name: "TooManyUses" });
      world.issuer.isProbeAway = true;
      await expect(lookBefore(world)).rejects.toMatchObject({ name: "TooManyUses" });
      await world.turn();
      await expect(lookAfter(world)).rejects.toMatchObject({ name: "TooManyUses" });
      world.revoke(TOKEN);
      await expect(lookAfter(world)).rejects.toMatchObject({ name: "TooManyUses" });
    });

    test.each<[string, (world: TokenWorld) => unknown]>([
      ["it is refused", (world) => world.revoke(FIRST)],
      [
        "it ends soon",
        (world) => {
          world.clock.at += (LIFETIME_MS * 3) / 4;
        },
      ],
      [
        "its end was asked for",
        (world) => world.note({ requested: [{ token: TOKEN, force: true, heal: false, at: NOW }] }),
      ],
    ])("the turn goes on where %s: of anybody nobody knows", async (_, befall) => {
      const world = await flooded();
      await befall(world);
      expect(await lookBefore(world)).toMatchObject({
        behind: [{ consumer: "(anybody)", why: "NOT_NAMED" }],
        unannounced: [],
        moved: false,
      });
    });

    test("a former one whose end was asked for, or that is over, is not kept alive by it", async () => {
      const world = await flooded();
      await world.turn();
      const { predecessor } = await world.record();
      if (predecessor !== undefined) await world.note({ predecessor: { ...predecessor, forced: true } });
      expect(await lookAfter(world)).toMatchObject({ behind: [], moved: true });
      await world.note({ predecessor });
      world.clock.at += LIFETIME_MS;
      expect(await lookAfter(world)).toMatchObject({ behind: [], moved: true });
    });
  });
});
