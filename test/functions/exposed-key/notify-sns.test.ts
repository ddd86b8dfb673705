import { describe, expect, test } from "vitest";
import { NO_USE, useOf } from "../../../functions/exposed-key/add-up.ts";
import type { ShutKey } from "../../../functions/exposed-key/forms.ts";
import type { contract } from "../../../functions/exposed-key/notify-sns/contract.ts";
import { notifySns } from "../../../functions/exposed-key/notify-sns/step.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";
import { atEachCall } from "../credential/dying.ts";
import { NOW } from "../support.ts";
import {
  call,
  EXPOSED_EXECUTION,
  type ExposedWorld,
  exposedWorld,
  KEY,
  LATER_EXECUTION,
  OTHER_KEY,
  USER,
} from "./support.ts";

type Input = InputOf<typeof contract>;
type OfKey = Input & { key: ShutKey };

const CODE = "AWS_RISK_CREDENTIALS_EXPOSED";
const event = { code: CODE, isKnown: true, unfit: [], unfitCount: 0, beyond: 0, keys: 1 };
const key: ShutKey = {
  accessKeyId: KEY,
  owner: "USER",
  user: USER,
  done: ["DEACTIVATED", "SESSIONS_DENIED"],
  failed: [],
};
const failure = { step: "DeactivateKey", what: "AccessDenied", cause: "IAM refuses." };
const first = useOf([call()], "us-east-1");

/** A user's key was shut, and is confirmed to be. */
const shut: OfKey = {
  ...{ key, use: first, gone: { is: "INACTIVE", otherKeys: [OTHER_KEY], quarantine: [] }, again: false, event },
  ...{ execution: EXPOSED_EXECUTION, asked: { trigger: "aws.health" }, enteredAt: NOW - 5 },
};
const { gone: _, ...unconfirmed } = shut;
/** It could not be shut. */
const notShut: OfKey = { ...unconfirmed, key: { ...key, done: [], failed: [failure] } };
const { gone: __, use: ___, ...withoutUse } = shut;
/** The second look, at the same use. */
const again: OfKey = { ...withoutUse, again: true, use: first };

const told = ({ mail }: ExposedWorld) => mail.sent.length;
const find = ({ findings }: ExposedWorld, cause: string, subject = KEY) => findings.find({ subject, cause });
const lines = ({ audit }: ExposedWorld) =>
  audit.lying.map(({ subject, act, timeMs, details }) => ({ subject, act, timeMs, ...JSON.parse(details) }));
const announced = ({ bus }: ExposedWorld) =>
  bus.events.map(({ detailType, detail }) => ({ detailType, ...(detail as object) }));

describe("a key", () => {
  test("that was shut is told of, with all that is known of it", async () => {
    const world = exposedWorld();
    expect(await notifySns(shut, world)).toEqual({ told: true, cause: "AccessKeyExposed" });
    expect(told(world)).toBe(1);
    const { gone, use } = shut;
    expect((await find(world, "AccessKeyExposed"))?.facts).toEqual({ exposed: { code: CODE, key, use, gone } });
    expect(announced(world)).toMatchObject([{ detailType: "Finding Opened", subject: KEY, cause: "AccessKeyExposed" }]);
    expect(world.journal.counts).toEqual(["ExposedKey AccessKeyExposed"]);
  });

  const by = (owner: ShutKey["owner"], changes: Partial<ShutKey> = {}): OfKey => {
    const { user: _user, ...nobodys } = key;
    return { ...unconfirmed, key: { ...nobodys, owner, done: [], ...changes } };
  };
  const claims = (changes: Partial<ShutKey>) => by("UNKNOWN", { user: "claimed", failed: [failure], ...changes });
  const isGone = { is: "GONE" as const, otherKeys: [], quarantine: [] };

  test.each<[string, OfKey, string]>([
    ["that nobody has", by("NOBODY"), "AccessKeyExposed"],
    ["that is gone", { ...shut, key: { ...key, done: ["GONE"] }, gone: isGone }, "AccessKeyExposed"],
    ["of the root user", by("ROOT"), "RootKeyExposed"],
    ["of another account", by("OTHERS", { account: "111122223333" }), "ExposedKeyOfOthers"],
    ["of a session", by("TEMPORARY"), "TemporaryKeyExposed"],
    ["that could not be shut", notShut, "ExposedKeyNotShut"],
    ["that is not confirmed to be shut", unconfirmed, "ExposedKeyNotShut"],
    ["whose owner could not be found out", by("UNKNOWN", { failed: [failure] }), "ExposedKeyNotShut"],
    // That the user whom the event claims has no such key does not say that nobody has it.
    ["that a claimed user does not have", { ...claims({ done: ["GONE"] }), gone: isGone }, "ExposedKeyNotShut"],
    [
      "that a claimed user has",
      { ...claims({ done: ["DEACTIVATED"] }), gone: { ...isGone, is: "INACTIVE" } },
      "AccessKeyExposed",
    ],
    ["that a claimed user had", { ...claims({ done: ["DEACTIVATED", "DELETED"] }), gone: isGone }, "AccessKeyExposed"],
  ])("%s is told of as such", async (_name, input, cause) => {
    const world = exposedWorld();
    expect(await notifySns(input, world)).toEqual({ told: true, cause });
    expect((await find(world, cause))?.facts.exposed?.key).toEqual(input.key);
    expect([told(world), world.findings.all.size]).toEqual([1, 2]);
  });

  test("that is told of again by the same execution is told of once, with one line", async () => {
    const world = exposedWorld();
    for (let times = 0; times < 3; times += 1) await notifySns(shut, world);
    expect([told(world), lines(world).length]).toEqual([1, 1]);
  });

  test("is told of by each event, and by each run by hand, though people know of it", async () => {
    const world = exposedWorld();
    await notifySns(shut, world);
    const failed = {
      ...shut,
      key: { ...key, failed: [{ ...failure, step: "DeleteKey" }] },
      execution: LATER_EXECUTION,
    };
    for (let times = 0; times < 2; times += 1) {
      expect(await notifySns(failed, world)).toEqual({ told: true, cause: "AccessKeyExposed" });
    }
    expect(told(world)).toBe(2);
    const finding = await find(world, "AccessKeyExposed");
    expect([finding?.execution, finding?.facts.exposed?.key?.failed]).toEqual([LATER_EXECUTION, failed.key.failed]);
    // It is the same finding, which pagers know of.
    expect(announced(world)).toHaveLength(1);
  });

  test("of a storm is not told of once more by itself", async () => {
    const world = exposedWorld();
    const other = (n: number) => ({ ...shut, key: { ...key, accessKeyId: `AKIA${String(n).padStart(16, "0")}` } });
    for (let n = 1; n <= 7; n += 1) await notifySns(other(n), world);
    expect(told(world)).toBe(5);
    await notifySns({ ...other(7), execution: LATER_EXECUTION }, world);
    expect(told(world)).toBe(5);
  });
});

describe("that a key could not be shut", () => {
  test("stands until an execution has confirmed that it is", async () => {
    const world = exposedWorld();
    await notifySns(notShut, world);
    expect(await find(world, "ExposedKeyNotShut")).not.toHaveProperty("endedAt");
    await notifySns({ ...notShut, execution: LATER_EXECUTION }, world);
    expect(await find(world, "ExposedKeyNotShut")).not.toHaveProperty("endedAt");
    expect(await notifySns({ ...shut, execution: LATER_EXECUTION }, world)).toMatchObject({
      cause: "AccessKeyExposed",
    });
    expect(await find(world, "ExposedKeyNotShut")).toMatchObject({ endedAt: NOW, endAnnouncedAt: NOW });
    expect(announced(world).at(-1)).toMatchObject({ detailType: "Finding Ended", cause: "ExposedKeyNotShut" });
    const ends = announced(world).length;
    await notifySns({ ...shut, execution: LATER_EXECUTION }, world);
    expect(announced(world)).toHaveLength(ends);
  });

  test("is over also where IAM does not say whose it is, and the key of the user whom the event names was shut", async () => {
    const world = exposedWorld();
    await notifySns(notShut, world);
    const claimed: ShutKey = { ...key, owner: "UNKNOWN", done: ["DEACTIVATED"], failed: [failure] };
    await notifySns({ ...shut, key: claimed, execution: LATER_EXECUTION }, world);
    expect(await find(world, "ExposedKeyNotShut")).toMatchObject({ endedAt: NOW });
  });

  test("stands for each key by itself", async () => {
    const world = exposedWorld();
    await notifySns(notShut, world);
    await notifySns({ ...shut, key: { ...key, accessKeyId: OTHER_KEY } }, world);
    expect(await find(world, "ExposedKeyNotShut")).not.toHaveProperty("endedAt");
  });
});

describe("the audit", () => {
  const execution = "aws_health-1";

  test("has a line of what was done, and who asked, as claimed, of when the state was entered", async () => {
    const world = exposedWorld();
    await notifySns({ ...shut, asked: { requestedBy: "Ann\n(not Bob)", trigger: "our.detector" } }, world);
    expect(lines(world)).toEqual([
      {
        ...{ subject: KEY, act: "deactivated", timeMs: NOW - 5, user: USER, owner: "USER", code: CODE, execution },
        ...{ done: "DEACTIVATED, SESSIONS_DENIED", requestedBy: "Ann?(not Bob)", trigger: "our.detector" },
      },
    ]);
  });

  test("has a line of what was deleted, though it could not be deactivated before", async () => {
    const world = exposedWorld();
    await notifySns({ ...shut, key: { ...key, done: ["DELETED"], failed: [failure] } }, world);
    expect(lines(world)).toMatchObject([{ act: "deactivated", done: "DELETED" }, { act: "failed" }]);
  });

  test.each([
    [["SESSIONS_DENIED"], [failure], ["deactivated", "failed"]],
    [["GONE", "SESSIONS_DENIED"], [], ["deactivated"]],
    [["GONE"], [], []],
  ] as const)("has a line of sessions that were denied, whatever became of the key: %o", async (done, failed, acts) => {
    const world = exposedWorld();
    await notifySns({ ...shut, key: { ...key, done: [...done], failed: [...failed] } }, world);
    expect(lines(world).map(({ act }) => act)).toEqual(acts);
    if (acts.length > 0) expect(lines(world)[0]).toMatchObject({ done: done.join(", ") });
  });

  test("has a line of what failed", async () => {
    const world = exposedWorld();
    await notifySns(notShut, world);
    const failed = { act: "failed", what: "DeactivateKey AccessDenied", trigger: "aws.health", execution };
    expect(lines(world)).toEqual([{ subject: KEY, timeMs: NOW - 5, user: USER, owner: "USER", code: CODE, ...failed }]);
  });

  test("has both where both came about, and none where neither did", async () => {
    const world = exposedWorld();
    await notifySns({ ...shut, key: { ...key, failed: [failure] } }, world);
    expect(lines(world).map(({ act }) => act)).toEqual(["deactivated", "failed"]);
    const { user: _user, ...roots } = key;
    await notifySns({ ...unconfirmed, key: { ...roots, accessKeyId: OTHER_KEY, owner: "ROOT", done: [] } }, world);
    expect(lines(world)).toHaveLength(2);
  });

  test("that is away holds no mail up: people are told, then it is tried again", async () => {
    const world = exposedWorld();
    const { put } = world.audit;
    world.audit.put = async () => Promise.reject(new Error("away"));
    await expect(notifySns(shut, world)).rejects.toThrow("away");
    expect([told(world), lines(world).length]).toEqual([1, 0]);
    world.audit.put = put;
    await notifySns(shut, world);
    expect([told(world), lines(world).length]).toEqual([1, 1]);
  });
});

describe("a mail that cannot be sent", () => {
  test("fails the step, and is sent by the next try", async () => {
    const world = exposedWorld();
    const { send } = world.mail;
    world.mail.send = async () => Promise.reject(new Error("away"));
    await expect(notifySns(shut, world)).rejects.toThrow("away");
    world.mail.send = send;
    expect(await notifySns(shut, world)).toEqual({ told: true, cause: "AccessKeyExposed" });
    expect([told(world), lines(world).length]).toEqual([1, 1]);
  });
});

describe("the second look", () => {
  const MORE = "MoreUseFound";

  /** The first look was told. */
  async function toldWorld(input: OfKey = shut) {
    const world = exposedWorld();
    await notifySns(input, world);
    return world;
  }

  test("tells nothing where nothing is new", async () => {
    const world = await toldWorld();
    expect(await notifySns(again, world)).toEqual({ told: false });
    expect([told(world), await find(world, MORE), lines(world).length]).toEqual([1, undefined, 1]);
  });

  test("tells what is new, and only that, once", async () => {
    const world = await toldWorld();
    const use = useOf([call({ at: NOW }), call({ at: NOW - 3600_000 }), call({ name: "CreateRole" })], "us-east-1");
    for (let times = 0; times < 2; times += 1) {
      expect(await notifySns({ ...again, use }, world)).toEqual({ told: true, cause: MORE });
    }
    expect(told(world)).toBe(2);
    const { facts } = (await find(world, MORE)) ?? {};
    expect(facts?.exposed).toMatchObject({ code: CODE, key: { accessKeyId: KEY, user: USER }, use: { total: 2 } });
    expect(facts?.exposed?.use?.calls.map(({ name, count }) => [name, count])).toEqual([
      ["iam:CreateRole", 1],
      ["iam:CreateUser", 1],
    ]);
    expect(world.journal.counts).toContain("ExposedKey MoreUseFound");
  });

  test.each<[string, OfKey]>([
    ["could not be shut", notShut],
    ["is the root user's", { ...unconfirmed, key: { ...key, owner: "ROOT", done: [] } }],
  ])("of a key that %s knows what was told of it", async (_name, input) => {
    const world = await toldWorld(input);
    expect(await notifySns({ ...again, key: { ...input.key, failed: [] } }, world)).toEqual({ told: false });
  });

  test("tells all where the first one had nothing", async () => {
    const world = await toldWorld(withoutUse);
    expect(await notifySns(again, world)).toEqual({ told: true, cause: MORE });
    expect((await find(world, MORE))?.facts.exposed?.use).toEqual(first);
    const untold = exposedWorld();
    expect(await notifySns(again, untold)).toEqual({ told: true, cause: MORE });
    expect(await notifySns({ ...again, use: NO_USE }, exposedWorld())).toEqual({ told: false });
  });

  test("compares with what was told last", async () => {
    const world = await toldWorld(notShut);
    world.clock.at += 1000;
    const more = useOf([call(), call({ name: "CreateRole" })], "us-east-1");
    await notifySns({ ...shut, use: more, execution: LATER_EXECUTION }, world);
    expect(await notifySns({ ...again, use: more, execution: LATER_EXECUTION }, world)).toEqual({ told: false });
  });

  test("that failed is told of: its execution is red, and people have to know why", async () => {
    const world = await toldWorld();
    const failed = [{ step: "LookUpUseAgain", what: "AccessDenied", cause: "It says why." }];
    const { use: _use, ...blind } = again;
    expect(await notifySns({ ...blind, key: { ...key, failed } }, world)).toEqual({ told: true, cause: MORE });
    const { exposed } = (await find(world, MORE))?.facts ?? {};
    expect(exposed?.key?.failed).toEqual(failed);
    expect(exposed).not.toHaveProperty("use");
  });

  test("that could not read a Region is told of, unless the first one could not either", async () => {
    const unread = [{ region: "eu-west-1", why: "away" }];
    const failed = [{ step: "LookUpUseAgain", what: "RegionsUnread", cause: "eu-west-1: away" }];
    const blind = { ...again, key: { ...key, failed }, use: { ...first, unread } };
    const world = await toldWorld();
    expect(await notifySns(blind, world)).toEqual({ told: true, cause: MORE });
    expect((await find(world, MORE))?.facts.exposed?.use).toMatchObject({ calls: [], unread });
    const known = await toldWorld({ ...shut, use: { ...first, unread } });
    expect(await notifySns(blind, known)).toEqual({ told: false });
  });
});

describe("an event", () => {
  const ofEvent = (changes: Partial<Input["event"]>): Input => {
    const { key: _key, ...rest } = withoutUse;
    return { ...rest, event: { ...event, ...changes } };
  };

  test("that was read whole is not told of", async () => {
    const world = exposedWorld();
    expect(await notifySns(ofEvent({}), world)).toEqual({ told: false });
    expect([told(world), world.findings.all.size]).toEqual([0, 0]);
  });

  test.each([
    { code: "AWS_RISK_SOMETHING_NEW", isKnown: false, keys: 0 },
    { keys: 0 },
    { unfit: ["UNKNOWN"], unfitCount: 1 },
    { beyond: 7 },
  ])("with %o is told of by its execution", async (changes) => {
    const world = exposedWorld();
    const input = ofEvent(changes);
    for (let times = 0; times < 2; times += 1) {
      expect(await notifySns(input, world)).toEqual({ told: true, cause: "ExposureUnread" });
    }
    const { code, isKnown, unfit, unfitCount, beyond } = input.event;
    const { facts } = (await find(world, "ExposureUnread", "aws_health-1")) ?? {};
    expect(facts).toEqual({ exposed: { code, isKnown, unfit, unfitCount, beyond } });
    expect([told(world), lines(world)]).toEqual([1, []]);
  });

  test("that could not be read is told of with the reason", async () => {
    const world = exposedWorld();
    const input = { ...ofEvent({}), event: { cause: "The input must be a whole event." } };
    expect(await notifySns(input, world)).toEqual({ told: true, cause: "ExposureUnread" });
    const { facts } = (await find(world, "ExposureUnread", "aws_health-1")) ?? {};
    expect(facts).toMatchObject({ said: "The input must be a whole event.", exposed: { unfitCount: 0 } });
  });
});

test.each(["before", "after"] as const)("whoever dies %s any call leaves all to the next try", async (when) => {
  const deaths = await atEachCall(when, {
    async begin() {
      const world = exposedWorld();
      await notifySns(notShut, world);
      const { audit, findings, mail, bus } = world;
      return { world, neighbours: { audit, findings, mail, bus } };
    },
    run: (world, neighbours) => notifySns({ ...shut, execution: LATER_EXECUTION }, { ...world, ...neighbours }),
    async check(world, n) {
      // Until then the claim of the dead one has run out.
      world.clock.at += 121_000;
      await notifySns({ ...shut, execution: LATER_EXECUTION }, world);
      const message = `died ${when} call ${n}`;
      expect(
        lines(world).filter(({ act }) => act === "deactivated"),
        message,
      ).toHaveLength(1);
      expect(await find(world, "AccessKeyExposed"), message).toMatchObject({ toldAt: expect.any(Number) });
      expect(await find(world, "ExposedKeyNotShut"), message).toMatchObject({ endAnnouncedAt: expect.any(Number) });
      // Twice only where the answer of the mail itself was lost, or its noting.
      expect(told(world), message).toBeGreaterThanOrEqual(2);
      expect(told(world), message).toBeLessThanOrEqual(3);
    },
  });
  expect(deaths).toBeGreaterThan(10);
});
