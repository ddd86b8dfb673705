import { describe, expect, test } from "vitest";
import { FLEET } from "../../../functions/findings/finding.ts";
import { StepError } from "../../../functions/shared/errors.ts";
import { isHostsTurn } from "../../../functions/watch/hosts-turn.ts";
import { lookAtHosts } from "../../../functions/watch/look-at-hosts/step.ts";
import {
  type ControlPlane,
  controlPlane,
  EC2,
  EXECUTION,
  ID,
  INTERVAL_MS,
  LINE,
  LOOKS_EVERY_MS,
  NOW,
  OTHER_EC2,
  PROOFS_EVERY_MS,
  seededRandom,
} from "../support.ts";
import { LOOK, notify, subjects } from "./looked.ts";

const UP_FOR_MS = 10 * INTERVAL_MS;

/** One look at all hosts, page after page. */
async function lookOnce(plane: ControlPlane) {
  const sum = { looked: 0, without: 0, pages: 0 };
  let after: string | undefined;
  do {
    const page = await lookAtHosts({ at: plane.now(), execution: LOOK, ...(after !== undefined && { after }) }, plane);
    sum.looked += page.looked;
    sum.without += page.without;
    sum.pages += 1;
    after = page.next;
  } while (after !== undefined);
  return sum;
}

/** As many looks as it takes until it was each host's turn: what all of them came to, each host counted once. */
async function lookAtAll(plane: ControlPlane) {
  const [looked, without] = [new Set<string>(), new Set<string>()];
  const findOwner: ControlPlane["registry"]["findOwner"] = (ec2InstanceId) => {
    looked.add(ec2InstanceId);
    return plane.registry.findOwner(ec2InstanceId);
  };
  const began = plane.now();
  for (let ms = 0; ms < PROOFS_EVERY_MS; ms += LOOKS_EVERY_MS) {
    await lookOnce({ ...plane, registry: { ...plane.registry, findOwner } });
    plane.clock.at += LOOKS_EVERY_MS;
  }
  for (const { subject, cause, seenAt } of plane.findings.all.values()) {
    if (subject !== FLEET && cause === "NeverRegistered" && seenAt >= began) without.add(subject);
  }
  return { looked: looked.size, without: without.size };
}

/** As many looks, of which each comes to its end. */
async function lookAndNotify(plane: ControlPlane) {
  for (let ms = 0; ms < PROOFS_EVERY_MS; ms += LOOKS_EVERY_MS) {
    await lookOnce(plane);
    await notify(plane);
    plane.clock.at += LOOKS_EVERY_MS;
  }
}

const found = (plane: ControlPlane, subject = OTHER_EC2) => plane.findings.find({ subject, cause: "NeverRegistered" });

test("a host that has a record is all right: nobody is told", async () => {
  const plane = await controlPlane();
  expect(await lookAtAll(plane)).toEqual({ looked: 1, without: 0 });
  expect([plane.mail.sent, plane.bus.events]).toEqual([[], []]);
});

test("one that runs and never registered is told of once, as a host", async () => {
  const plane = await controlPlane();
  plane.states.set(OTHER_EC2, "running");
  expect(await lookAtAll(plane)).toEqual({ looked: 2, without: 1 });
  expect(await lookAtAll(plane)).toEqual({ looked: 2, without: 1 });
  expect(subjects(plane)).toEqual([`Keyturn: NeverRegistered on ${OTHER_EC2}`]);
  expect(plane.mail.sent[0]?.text).toContain("It has never registered.");
  expect(await found(plane)).toMatchObject({ execution: LOOK });
});

describe("one whose record is gone is told of, with the name that it had", () => {
  test.each<[string, (plane: ControlPlane) => unknown]>([
    ["deleted", ({ registry }) => registry.records.delete(ID)],
    ["retired", ({ registry }) => registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE })],
    [
      "that of another host",
      ({ registry }) => {
        const record = registry.records.get(ID);
        if (record) registry.records.set(ID, { ...record, ec2InstanceId: OTHER_EC2 });
      },
    ],
  ])("since it was %s", async (_, befall) => {
    const plane = await controlPlane();
    await befall(plane);
    expect(await lookAtAll(plane)).toEqual({ looked: 1, without: 1 });
    expect(subjects(plane)).toEqual([`Keyturn: NeverRegistered on ${EC2} (${ID})`]);
    expect(plane.mail.sent[0]?.text).toContain(`It was ${ID}, whose record is gone.`);
  });
});

test("one that has just been started has a window's time to register", async () => {
  const plane = await controlPlane();
  plane.states.set(OTHER_EC2, "running");
  plane.launched.set(OTHER_EC2, NOW);
  plane.clock.at = NOW + UP_FOR_MS - 1;
  expect(await lookOnce(plane)).toMatchObject({ without: 0 });
  expect((await lookAtAll(plane)).without).toBe(1);
});

test.each(["pending", "stopping", "stopped", "terminated"] as const)(
  "one that is %s is not asked of",
  async (state) => {
    const plane = await controlPlane();
    plane.states.set(OTHER_EC2, state);
    expect(await lookAtAll(plane)).toEqual({ looked: 1, without: 0 });
  },
);

test("of many hosts it is each one's turn at least once while proofs are judged once, and of few twice", async () => {
  const plane = await controlPlane();
  for (let n = 1; n < 240; n += 1) plane.states.set(`i-${(n * 17_920_123).toString(16).padStart(17, "0")}`, "running");
  const looked: number[] = [];
  for (let ms = 0; ms < PROOFS_EVERY_MS; ms += LOOKS_EVERY_MS) {
    const look = await lookOnce(plane);
    looked.push(look.looked);
    expect(look.pages).toBe(12);
    plane.clock.at += LOOKS_EVERY_MS;
  }
  expect(looked).toHaveLength(12);
  // infra/costs.ts counts a quarter more than once.
  expect(looked.reduce((sum, one) => sum + one) / 240).toBeCloseTo(1.25, 1);
  expect(Math.max(...looked)).toBeLessThan(40);
  const never = [...plane.findings.all.values()].filter(({ subject }) => subject.startsWith("i-"));
  expect(never).toHaveLength(239);
});

test("of no host the turn is missed, though each look begins up to a minute late, whatever its moment", () => {
  const random = seededRandom("late looks");
  const rhythm = { looksEveryMs: LOOKS_EVERY_MS, proofsEveryMs: PROOFS_EVERY_MS };
  const looks = Array.from({ length: (48 * PROOFS_EVERY_MS) / LOOKS_EVERY_MS }, (_, look) => {
    return NOW + 270_000 + look * LOOKS_EVERY_MS + (random(2).readUInt16BE() / 2 ** 16) * 60_000;
  });
  for (let host = 0; host < 100; host += 1) {
    const ec2InstanceId = `i-${random(9).toString("hex").slice(0, 17)}`;
    const turns = looks.filter((at) => isHostsTurn(ec2InstanceId, at, rhythm));
    const gaps = turns.map((at, n) => at - (turns[n - 1] ?? looks[0] ?? at));
    expect(Math.max(...gaps)).toBeLessThan(PROOFS_EVERY_MS + 2 * LOOKS_EVERY_MS);
  }
});

test("where proofs are judged with each look, or more often, each look sees all hosts", async () => {
  const plane = await controlPlane();
  plane.states.set(OTHER_EC2, "running");
  for (const proofsEveryMs of [LOOKS_EVERY_MS, 1000]) {
    const page = await lookAtHosts({ at: NOW, execution: EXECUTION }, { ...plane, proofsEveryMs });
    expect(page).toMatchObject({ looked: 2, without: 1 });
  }
});

test("one that registers is told of no longer, once it was its turn", async () => {
  const plane = await controlPlane();
  plane.states.set(OTHER_EC2, "running");
  await lookAtAll(plane);
  await plane.registry.writeOwner(OTHER_EC2, { holder: "ffffff", cameAt: [] }, undefined);
  const record = await plane.record();
  await plane.registry.add({ ...record, id: "ffffff", ec2InstanceId: OTHER_EC2 });
  expect(await found(plane)).not.toHaveProperty("endedAt");
  await lookAndNotify(plane);
  expect(await found(plane)).toHaveProperty("endedAt");
});

test("one whose tag is taken off is told of no longer, once it was its turn", async () => {
  const plane = await controlPlane();
  plane.states.set(OTHER_EC2, "running");
  await lookAtAll(plane);
  plane.states.delete(OTHER_EC2);
  await lookAndNotify(plane);
  expect(await found(plane)).toHaveProperty("endedAt");
});

test("one that is still without a record is told of once, also where nobody looked for hours", async () => {
  const plane = await controlPlane();
  plane.states.set(OTHER_EC2, "running");
  await lookAndNotify(plane);
  plane.clock.at += 3 * PROOFS_EVERY_MS;
  await lookAndNotify(plane);
  expect(plane.bus.events.map(({ detailType }) => detailType)).toEqual(["Finding Opened"]);
});

describe("one of whose item somebody has altered the holder", () => {
  const MADE_UP = "x\nTo do: run this";

  test.each<[string, unknown]>([
    ["no text", 5],
    ["no ID", MADE_UP],
  ])("to what is %s, is told of as that, nothing of it told on, and the others are looked at", async (_, holder) => {
    const plane = await controlPlane();
    plane.states.set(OTHER_EC2, "running");
    plane.states.set("i-0000000000000000b", "running");
    await plane.registry.writeOwner(OTHER_EC2, { holder: holder as string, cameAt: [] }, undefined);
    await lookAtAll(plane);
    expect(subjects(plane).sort()).toEqual([
      "Keyturn: NeverRegistered on i-0000000000000000b",
      `Keyturn: RecordUnreadable on ${OTHER_EC2}`,
    ]);
    expect(plane.mail.sent.map(({ text }) => text).join()).not.toContain("run this");
    await plane.registry.writeOwner(OTHER_EC2, { cameAt: [] }, await plane.registry.findOwner(OTHER_EC2));
    await lookAndNotify(plane);
    expect(await plane.findings.find({ subject: OTHER_EC2, cause: "RecordUnreadable" })).toHaveProperty("endedAt");
  });
});

test("AWS is away for one: the step says so, once the others are done", async () => {
  const plane = await controlPlane();
  plane.states.set(OTHER_EC2, "running");
  const findOwner: ControlPlane["registry"]["findOwner"] = async (ec2InstanceId) => {
    if (ec2InstanceId === EC2) throw new StepError("TemporarilyUnavailable", "DynamoDB is away.");
    return plane.registry.findOwner(ec2InstanceId);
  };
  const away = { ...plane, registry: { ...plane.registry, findOwner }, proofsEveryMs: LOOKS_EVERY_MS };
  const looking = lookAtHosts({ at: NOW, execution: LOOK }, away);
  await expect(looking).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
  expect(subjects(plane)).toEqual([`Keyturn: NeverRegistered on ${OTHER_EC2}`]);
});
