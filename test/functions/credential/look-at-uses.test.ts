import { beforeEach, describe, expect, test } from "vitest";
import { fakeAuthorities } from "../../../functions/clients/authorities.fake.ts";
import { fakeSecrets } from "../../../functions/clients/secrets.fake.ts";
import { fakeUses } from "../../../functions/clients/uses.fake.ts";
import { judgeUses } from "../../../functions/credential/judge.ts";
import { lookAtUses } from "../../../functions/credential/look-at-uses.ts";
import { keptForMs, lastSightings } from "../../../functions/credential/sightings.ts";
import { whoIsBehind } from "../../../functions/credential/who-is-behind.ts";
import { TOKENS, type TokenCredential } from "../../../functions/shared/credential-settings.ts";
import { type Use, useProof } from "../../../protocol/index.ts";
import { EC2, NOW, OTHER_EC2, SKEW_MS } from "../support.ts";
import {
  CREDENTIAL,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  passwordOf,
  QUIET_MS,
  SECRET,
  TOKEN,
} from "./support.ts";

const ROLE = "arn:aws:iam::111122223333:role/apps/web";
const OTHER_ROLE = "arn:aws:iam::111122223333:role/apps/report";
const VERSIONS = { current: { versionId: TOKEN, user: "orders_b" }, other: { versionId: FIRST, user: "orders_a" } };

let world: CredentialWorld;
/** The second version was promoted, and a quiet time has passed since then. */
beforeEach(async () => {
  world = await credentialWorld();
  await world.turn();
  world.clock.at += QUIET_MS;
});

const look = () => lookAtUses({ credential: CREDENTIAL, versions: VERSIONS, record: undefined }, world);

/** The last use that was written. */
const lastWritten = () => world.uses.written.at(-1) as Use;

describe("the time of a use proof", () => {
  test.each([
    ["of the current version", TOKEN],
    ["of the former version", FIRST],
  ])("%s may lie as far ahead as clocks may be apart, and no further", async (_, versionId) => {
    world.prove(versionId, "web", { timeMs: world.clock.at + SKEW_MS + 1 });
    expect(await look()).toEqual([]);
    world.clock.at += 1;
    expect(await look()).toMatchObject([{ consumer: "web" }]);
  });

  test("may not lie further back than what is seen is of use", async () => {
    world.clock.at += keptForMs(CREDENTIAL);
    world.prove(TOKEN, "web", { timeMs: world.clock.at - keptForMs(CREDENTIAL) - 1 });
    expect(await look()).toEqual([]);
    world.prove(TOKEN, "web", { timeMs: world.clock.at - keptForMs(CREDENTIAL) });
    expect(await look()).toHaveLength(1);
  });

  test("from before the promotion is no sign of having moved, whatever its version", async () => {
    world.prove(TOKEN, "web", { timeMs: NOW - 1 });
    const turned = { user: "orders_b", former: "orders_a", since: NOW };
    const { behind } = judgeUses(await look(), turned, { now: world.clock.at, credential: CREDENTIAL });
    expect(behind).toContainEqual({ consumer: "web", why: "NOT_SEEN" });
  });
});

describe("a use proof that somebody has read proves nothing anew", () => {
  test.each<[string, (use: Use, at: number) => Use]>([
    ["at a later time", (use, at) => ({ ...use, timeMs: at })],
    ["of the other version", (use) => ({ ...use, versionId: FIRST })],
    ["by another consumer", (use) => ({ ...use, consumer: "pool" })],
    ["by another consumer, with a role", (use) => ({ ...use, ec2InstanceId: undefined, role: ROLE, consumer: "pool" })],
  ])("%s", async (_, change) => {
    world.prove(TOKEN, "web", { timeMs: world.clock.at - 1000 });
    world.uses.written.push(change(world.uses.written.pop() as Use, world.clock.at));
    expect(await look()).toEqual([]);
  });

  test("of another secret", async () => {
    const timeMs = world.clock.at;
    const of = { secret: "other/db", versionId: TOKEN, consumer: "web", timeMs };
    const proof = useProof({ ...of, credential: passwordOf(TOKEN) });
    world.uses.write({ ...of, secret: SECRET, ec2InstanceId: EC2, proof });
    expect(await look()).toEqual([]);
  });

  test("in other partitions: each says the same moment, beside the one that was copied", async () => {
    const at = world.clock.at - 1000;
    world.prove(FIRST, "web", { timeMs: at });
    const { ec2InstanceId: _, ...use } = lastWritten();
    world.uses.write({ ...use, ec2InstanceId: OTHER_EC2 } as Use);
    world.uses.write({ ...use, role: ROLE } as Use);
    const seen = await look();
    expect(seen.map((one) => one.ec2InstanceId ?? one.role)).toEqual([EC2, OTHER_EC2, ROLE]);
    expect(seen.every((one) => one.at === at)).toBe(true);
    // Nobody is kept behind by it for longer than by the one proof.
    const turned = { user: "orders_b", former: "orders_a", since: NOW };
    const moved = lastSightings(seen, [
      { consumer: "web", user: "orders_b", at: NOW, by: "proofs", ec2InstanceId: EC2 },
      { consumer: "pool", user: "orders_b", at: NOW, by: "sessions" },
    ]);
    const judged = (now: number) => judgeUses(moved, turned, { now, credential: CREDENTIAL });
    expect(judged(at + QUIET_MS - 1)).toMatchObject({ moved: false });
    expect(judged(at + QUIET_MS)).toMatchObject({ moved: true });
  });

  test("by a false one beside it, in whichever partition: what is true is seen", async () => {
    for (const place of [{ ec2InstanceId: OTHER_EC2 }, { role: ROLE }]) {
      world.prove(TOKEN, "web", { ...place, credential: "forged" });
    }
    world.prove(TOKEN);
    expect(await look()).toEqual([
      { consumer: "web", user: "orders_b", at: world.clock.at, by: "proofs", ec2InstanceId: EC2 },
    ]);
  });
});

describe("a consumer with a role of its own", () => {
  test("is seen with it, and several of one role are told apart by their names", async () => {
    world.prove(TOKEN, "web", { role: ROLE });
    world.prove(TOKEN, "report", { role: ROLE });
    world.prove(TOKEN, "web", { role: OTHER_ROLE });
    const of = { user: "orders_b", at: world.clock.at, by: "proofs" };
    const seen = await look();
    expect(seen).toEqual([
      { ...of, consumer: "web", role: ROLE },
      { ...of, consumer: "report", role: ROLE },
      { ...of, consumer: "web", role: OTHER_ROLE },
    ]);
    expect(lastSightings(seen)).toHaveLength(3);
  });

  test("is told of by it while it is behind", async () => {
    world.prove(FIRST, "web", { role: ROLE });
    const turned = { user: "orders_b", former: "orders_a", since: NOW };
    const at = { now: world.clock.at, credential: CREDENTIAL };
    const { behind } = judgeUses(await look(), turned, at);
    expect(behind).toContainEqual({ consumer: "web", why: "USES_FORMER", lastAt: world.clock.at, role: ROLE });
    expect(whoIsBehind(behind, "orders_a", CREDENTIAL)).toContain(`UTC (${ROLE})`);
  });
});

test("a token's uses are proved under the token, whichever of the two it is", async () => {
  const credential: TokenCredential = {
    ...{ name: "partner/api", kind: "token", users: TOKENS, consumers: [{ name: "web", seenBy: "proofs" }] },
    ...{ tokenUrl: "https://a.example/token", probeUrl: "https://a.example/", keys: ["partner/key"] },
    ...{ tokensPerKey: "many", lifetimeSeconds: 3600, quietSeconds: 60, deadlineSeconds: 600 },
  };
  const secrets = fakeSecrets();
  const uses = fakeUses();
  const tokens = { [FIRST]: "the first", [TOKEN]: "the second" };
  // One that was there before Keyturn does not say which of the two it is.
  secrets.create("partner/api", FIRST, JSON.stringify({ access_token: tokens[FIRST] }));
  secrets.putCurrent("partner/api", TOKEN, JSON.stringify({ access_token: tokens[TOKEN], turn: TOKENS[1] }));
  for (const [versionId, word] of [...Object.entries(tokens), [TOKEN, "guessed"] as const]) {
    const consumer = word === "guessed" ? "forger" : "web";
    const use = { secret: "partner/api", versionId, consumer, timeMs: NOW };
    uses.write({ ...use, role: ROLE, proof: useProof({ ...use, credential: word }) });
  }
  const versions = { current: { versionId: TOKEN, user: TOKENS[1] }, other: { versionId: FIRST, user: TOKENS[0] } };
  const neighbours = { secrets, uses, authorities: fakeAuthorities(), now: () => NOW, skewMs: SKEW_MS };
  expect(await lookAtUses({ credential, versions, record: undefined }, neighbours)).toEqual([
    { consumer: "web", user: TOKENS[0], at: NOW, by: "proofs", role: ROLE },
    { consumer: "web", user: TOKENS[1], at: NOW, by: "proofs", role: ROLE },
  ]);
});
