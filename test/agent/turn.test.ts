import { describe, expect, test } from "vitest";
import { Failure } from "../../agent/failure.ts";
import type { KeyFile } from "../../agent/state/key-file.ts";
import { type Hooks, noHooks } from "../../agent/turn/hooks.ts";
import type { StoredTicket } from "../../agent/turn/tickets.ts";
import { type TurnParts, turn as turnWith } from "../../agent/turn/turn.ts";
import { isHookName, MOST_HOOKS, receiptProof, sampleHash, successor } from "../../protocol/index.ts";
import { CrashingDisk } from "./fakes/crashing-disk.ts";
import { HandClock } from "./fakes/hand-clock.ts";
import {
  FakeLog,
  FakeSeries,
  fakeLock,
  KEY,
  KEY_FILE,
  lying,
  NONCE,
  noRekey,
  PLACES,
  ticketFor,
} from "./fakes/parts.ts";

/** Hooks that end as they are told, and remember what ran. */
function fakeHooks(outcomes: Record<string, "done" | "failed" | "timed-out">): Hooks & { ran: string[] } {
  const ran: string[] = [];
  return {
    ran,
    folder: "/hooks.d",
    list: async () => Object.keys(outcomes),
    begin: () => ({
      run: async (name, { KEYTURN_KEY_FILE, KEYTURN_ID, KEYTURN_GENERATION }) => {
        ran.push(`${name} ${KEYTURN_KEY_FILE} ${KEYTURN_ID} ${KEYTURN_GENERATION}`);
        return outcomes[name] ?? "failed";
      },
    }),
  };
}

/** A turn while this ticket lies there. */
function turn(ticket: StoredTicket | undefined, parts: TurnParts) {
  return turnWith({ ...parts, tickets: lying(ticket) });
}

function instance(held: KeyFile | undefined = KEY_FILE) {
  const files = held === undefined ? {} : { [PLACES.key]: JSON.stringify(held) };
  const disk = CrashingDisk.with(files);
  const series = new FakeSeries();
  const log = new FakeLog();
  const clock = new HandClock();
  const parts: TurnParts = {
    disk,
    series,
    log,
    clock,
    places: PLACES,
    lock: fakeLock(),
    tickets: lying(undefined),
    hooks: noHooks,
    nonce: "hmac",
    ...noRekey,
  };
  const stored = async (): Promise<KeyFile> => JSON.parse((await disk.read(PLACES.key)) ?? "null");
  return { parts, disk, series, log, clock, stored };
}

describe("a rightful ticket", () => {
  test("turns the key to its successor and is answered with the receipt", async () => {
    const { parts, stored } = instance();
    const { id, ec2InstanceId } = KEY_FILE;
    const key = successor(KEY, NONCE);
    expect(await turn(ticketFor(), parts)).toEqual({
      receipt: {
        id,
        generation: 5,
        proof: receiptProof({ key, id, ec2InstanceId, generation: 5, nonce: NONCE }),
        hooks: [],
      },
    });
    expect(await stored()).toEqual({ ...KEY_FILE, generation: 5, key, nonce: NONCE, hooks: [] });
  });

  test("is followed by one sample with the new key", async () => {
    const { parts, series, clock } = instance();
    await turn(ticketFor(), parts);
    const { id, ec2InstanceId } = KEY_FILE;
    const proved = { id, ec2InstanceId, generation: 5, timeMs: clock.now() };
    expect(series.samples).toEqual([{ ...proved, hash: sampleHash({ ...proved, key: successor(KEY, NONCE) }) }]);
  });

  test("gets its receipt although the sample fails", async () => {
    const { parts, series, log } = instance();
    series.failure = new Error("AWS is away");
    expect(await turn(ticketFor(), parts)).toMatchObject({ receipt: { generation: 5 } });
    expect(log.lines).toEqual([expect.stringMatching(/^warn .*no sample was written: AWS is away/)]);
  });

  test("runs the hooks in order, and reports those that failed by name only", async () => {
    const { parts, log } = instance();
    const hooks = fakeHooks({ "10-a": "done", "20-b": "failed", "30-c": "timed-out" });
    const result = await turn(ticketFor(), { ...parts, hooks });
    expect(hooks.ran.map((line) => line.split(" ")[0])).toEqual(["10-a", "20-b", "30-c"]);
    expect(hooks.ran[0]).toBe(`10-a ${PLACES.key} ${KEY_FILE.id} 5`);
    expect(result).toMatchObject({
      receipt: {
        hooks: [
          { name: "10-a", outcome: "done" },
          { name: "20-b", outcome: "failed" },
          { name: "30-c", outcome: "timed-out" },
        ],
      },
    });
    expect(log.lines).toHaveLength(2);
  });

  test("gets its receipt although a hook has filled the disk, so that its end cannot be noted", async () => {
    const { parts, disk, log } = instance();
    const hooks = fakeHooks({ "10-fills": "done", "20-b": "failed" });
    const write = disk.write.bind(disk);
    disk.write = async (path, text) => {
      if (hooks.ran.length > 0) throw new Failure(`Cannot write ${path}: ENOSPC.`);
      return write(path, text);
    };
    const result = await turn(ticketFor(), { ...parts, hooks });
    const outcomes = ["done", "failed"];
    expect("receipt" in result && result.receipt.hooks.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(log.lines.filter((line) => line.includes("could not be noted: Cannot write"))).toHaveLength(2);
  });

  test("is left at the hook during which the turn was told to stop, however that hook ended", async () => {
    const { parts, stored } = instance();
    const hooks = fakeHooks({ "10-a": "done", "20-b": "done" });
    const stop = new AbortController();
    const begin = hooks.begin;
    const stopping: Hooks = {
      ...hooks,
      begin: (signal) => ({
        run: async (name, variables) => {
          stop.abort();
          return begin(signal).run(name, variables);
        },
      }),
    };
    const stopped = turn(ticketFor(), { ...parts, hooks: stopping, signal: stop.signal });
    await expect(stopped).rejects.toThrow(/^Stopped/);
    expect(hooks.ran).toHaveLength(1);
    expect((await stored()).hooks).toEqual([
      { name: "10-a", outcome: "done" },
      { name: "20-b", outcome: "pending" },
    ]);
  });

  test("counts a hook that the stop has ended as not run", async () => {
    const { parts, stored } = instance();
    const stop = new AbortController();
    const ended: Hooks = {
      ...fakeHooks({ "10-a": "done" }),
      begin: () => ({
        run: async () => {
          stop.abort();
          throw new Failure("Stopped during a hook.");
        },
      }),
    };
    await expect(turn(ticketFor(), { ...parts, hooks: ended, signal: stop.signal })).rejects.toThrow("during a hook");
    expect((await stored()).hooks).toEqual([{ name: "10-a", outcome: "pending" }]);
  });

  test("is obeyed although the hooks cannot be listed, which the receipt tells", async () => {
    const { parts } = instance();
    const hooks: Hooks = {
      ...fakeHooks({}),
      list: async () => {
        throw new Error("no permission");
      },
    };
    expect(await turn(ticketFor(), { ...parts, hooks })).toMatchObject({
      receipt: { generation: 5, hooks: [{ name: "hooks.d", outcome: "failed" }] },
    });
  });

  test("tells of hooks in the form that both sides know, whatever their names and their number", async () => {
    const { parts } = instance();
    const names = ["n".repeat(65), ...Array.from({ length: 50 }, (_, index) => `hook ${index}`), "z-broken"];
    const outcomes = Object.fromEntries(names.map((name) => [name, name === "z-broken" ? "failed" : "done"] as const));
    const hooks = fakeHooks(outcomes);
    const result = await turn(ticketFor(), { ...parts, hooks });
    expect(hooks.ran).toHaveLength(52);
    if (!("receipt" in result)) throw new Error("the ticket was refused");
    const told = result.receipt.hooks;
    expect(told.filter(({ name }) => !isHookName(name))).toEqual([]);
    expect(told).toHaveLength(MOST_HOOKS);
    expect(told.slice(0, 3).map(({ name }) => name)).toEqual(["z-broken", "n".repeat(64), "hook_0"]);
    expect(await turn(ticketFor(), { ...parts, hooks })).toEqual(result);
  });

  test("is obeyed although hooks cannot be listed in a folder with a space in its name", async () => {
    const { parts } = instance();
    const list = () => Promise.reject(new Error("no permission"));
    const hooks: Hooks = { ...fakeHooks({}), folder: "/opt/my hooks", list };
    expect(await turn(ticketFor(), { ...parts, hooks })).toMatchObject({
      receipt: { generation: 5, hooks: [{ name: "my_hooks", outcome: "failed" }] },
    });
  });

  test("is obeyed although a hook cannot even be begun", async () => {
    const { parts, log } = instance();
    const hooks: Hooks = {
      ...fakeHooks({ "10-a": "done" }),
      begin: () => ({ run: () => Promise.reject(new Error("no log can be opened")) }),
    };
    expect(await turn(ticketFor(), { ...parts, hooks })).toMatchObject({
      receipt: { generation: 5, hooks: [{ name: "10-a", outcome: "failed" }] },
    });
    expect(log.lines[0]).toMatch(/could not be run: no log can be opened/);
  });

  test("with an empty nonce gives sha256 of the key's text, where that is set", async () => {
    const { parts, stored } = instance();
    const result = await turn(ticketFor(KEY_FILE, ""), { ...parts, nonce: "none" });
    expect(result).toMatchObject({ receipt: { generation: 5 } });
    // sha256sum of the 64 characters of KEY.
    expect((await stored()).key).toBe("1a5084a90499eb0eb12886aac8da2de870a4e443797767f60fef5a0e49aeb835");
  });
});

describe("the same ticket again", () => {
  test("gives the same receipt and changes nothing", async () => {
    const { parts, disk, series } = instance();
    const hooks = fakeHooks({ "10-a": "failed" });
    const first = await turn(ticketFor(), { ...parts, hooks });
    const before = { file: await disk.read(PLACES.key), samples: series.samples.length, ran: hooks.ran.length };
    expect(await turn(ticketFor(), { ...parts, hooks: fakeHooks({ "10-a": "done", "20-new": "done" }) })).toEqual(
      first,
    );
    expect({ file: await disk.read(PLACES.key), samples: series.samples.length, ran: hooks.ran.length }).toEqual(
      before,
    );
  });

  test("at the same time is answered the same, and the key turns once", async () => {
    const { parts, stored } = instance();
    const [one, other] = await Promise.all([turn(ticketFor(), parts), turn(ticketFor(), parts)]);
    expect(one).toEqual(other);
    expect((await stored()).generation).toBe(5);
  });

  test("an older one over a newer turn, or none at all, gives the receipt of the key that is held", async () => {
    const { parts, stored } = instance();
    await turn(ticketFor(), parts);
    const newest = await turn(ticketFor(await stored(), "d4".repeat(32)), parts);
    const before = await stored();
    expect(newest).toMatchObject({ receipt: { generation: 6 } });
    for (const late of [ticketFor(), undefined]) expect(await turn(late, parts)).toEqual(newest);
    expect(await stored()).toEqual(before);
  });

  test("a made-up one of the generation that is held learns no more than the receipt", async () => {
    const { parts } = instance();
    const { id, ec2InstanceId, nonce } = KEY_FILE;
    const proof = receiptProof({ key: KEY, id, ec2InstanceId, generation: 4, nonce: nonce ?? "" });
    const madeUp = { ...ticketFor(), generation: 4, nonce: "d4".repeat(32) };
    expect(await turn(madeUp, parts)).toEqual({ receipt: { id, generation: 4, proof, hooks: [] } });
  });
});

describe("a refused ticket changes nothing:", () => {
  const right = ticketFor();
  const cases: [string, StoredTicket, string, number?][] = [
    ["that would skip a generation", { ...right, generation: 6 }, "WRONG_GENERATION", 6],
    ["with a wrong proof", { ...right, proof: "0".repeat(64) }, "WRONG_PROOF"],
    ["with another nonce than was proved", { ...right, nonce: "e5".repeat(32) }, "WRONG_PROOF"],
    [
      "with a receipt's proof",
      { ...right, proof: receiptProof({ ...KEY_FILE, generation: 5, nonce: NONCE }) },
      "WRONG_PROOF",
    ],
    ["with an empty nonce", ticketFor(KEY_FILE, ""), "NONCE_MODE"],
    ["for another ID", { ...right, id: "ffffff" }, "MALFORMED"],
    ["with an ID of five characters", { ...right, id: "0a1b2" }, "MALFORMED"],
    ["with a path as its ID", { ...right, id: "../../" }, "MALFORMED"],
    ["with a generation that is no whole number", { ...right, generation: 5.5 }, "MALFORMED"],
    ["with a generation as text", { ...right, generation: "5" }, "MALFORMED"],
    ["with a generation beyond all numbers", { ...right, generation: 2 ** 60 }, "MALFORMED"],
    ["with a nonce that is not hexadecimal", { ...right, nonce: "g".repeat(64) }, "MALFORMED"],
    ["with a short proof", { ...right, proof: "00" }, "MALFORMED"],
    ["with a line break after the proof", { ...right, proof: `${right.proof}\n` }, "MALFORMED"],
    ["of which nothing is there but its place", {}, "MALFORMED"],
  ];
  test.each(cases)("%s", async (_what, ticket, reason, generation = 5) => {
    const { parts, disk, series } = instance();
    const hooks = fakeHooks({ "10-a": "done" });
    expect(await turn(ticket, { ...parts, hooks })).toEqual({ refused: { id: KEY_FILE.id, generation, reason } });
    expect({ operations: disk.operations, samples: series.samples, ran: hooks.ran }).toEqual({
      operations: 0,
      samples: [],
      ran: [],
    });
  });

  test("before the first key", async () => {
    const { parts, disk } = instance();
    await disk.remove(PLACES.key);
    expect(await turn(right, parts)).toEqual({ refused: { reason: "NO_KEY" } });
    expect(disk.files()).toEqual([]);
  });

  test("for the first generation, which no ticket leads to, or none at all", async () => {
    const { parts } = instance({ ...KEY_FILE, generation: 1, nonce: null });
    const refused = { id: KEY_FILE.id, reason: "NO_TICKET" };
    const first = { ...right, generation: 1, nonce: "" };
    expect(await turn(first, { ...parts, nonce: "none" })).toEqual({ refused: { ...refused, generation: 1 } });
    expect(await turn(undefined, parts)).toEqual({ refused: { ...refused, generation: 2 } });
  });
});

describe("a ticket that cannot be read is told by its reason, and changes nothing:", () => {
  test.each([
    ["AWS denies it", "AccessDeniedException", "TICKET_DENIED"],
    ["AWS throttles", "ThrottlingException", "TICKET_UNAVAILABLE"],
    ["the table is not there", "ResourceNotFoundException", "TICKET_UNAVAILABLE"],
    ["AWS is away", "TimeoutError", "TICKET_UNAVAILABLE"],
  ])("%s", async (_what, name, reason) => {
    const { parts, disk, log } = instance();
    const find = () => Promise.reject(Object.assign(new Error("what AWS says"), { name }));
    const result = await turnWith({ ...parts, tickets: { find, close: () => undefined } });
    expect(result).toEqual({ refused: { id: KEY_FILE.id, generation: 5, reason } });
    expect(disk.operations).toBe(0);
    expect(log.lines).toEqual([expect.stringMatching(/^error The ticket cannot be fetched: what AWS says/)]);
  });

  test("the agent is stopped while it waits for AWS", async () => {
    const { parts } = instance();
    const stop = new AbortController();
    const find = () => new Promise<undefined>(() => setImmediate(() => stop.abort()));
    const tickets = { find, close: () => undefined };
    const result = await turnWith({ ...parts, tickets, signal: stop.signal });
    expect(result).toMatchObject({ refused: { reason: "TICKET_UNAVAILABLE" } });
  });
});

test("it asks for the ticket of the instance and the ID in its key file", async () => {
  const { parts } = instance();
  const asked: unknown[] = [];
  const find = async (instance: { id: string; ec2InstanceId: string }) => {
    asked.push(instance);
    return ticketFor();
  };
  await turnWith({ ...parts, tickets: { find, close: () => undefined } });
  expect(asked).toEqual([{ id: KEY_FILE.id, ec2InstanceId: KEY_FILE.ec2InstanceId }]);
});

test.each([
  ["obeyed", ticketFor()],
  ["refused", ticketFor(KEY_FILE, "")],
])("what a death left of the next key is gone with the next ticket, also if that is %s", async (_what, ticket) => {
  const { parts, disk } = instance();
  await disk.write(`${PLACES.key}.next`, JSON.stringify({ ...KEY_FILE, key: successor(KEY, NONCE) }));
  await disk.write(`${PLACES.rekey}.next`, '{"version":1,"pairs":[{');
  await turn(ticket, parts);
  for (const outcome of [disk, ...disk.afterPowerLoss()]) expect(outcome.files()).toEqual([PLACES.key]);
});

test("a damaged key file is an error that does not show the key", async () => {
  const { parts, disk } = instance();
  await disk.write(PLACES.key, JSON.stringify({ ...KEY_FILE, key: KEY.slice(1) }));
  await expect(turn(ticketFor(), parts)).rejects.toThrow(/key\.json is damaged \(key is malformed\)/);
  await expect(turn(ticketFor(), parts)).rejects.not.toThrow(KEY.slice(1));
});

test("nothing that is logged holds a key or a hash", async () => {
  const { parts, log, series } = instance();
  await turn(ticketFor(), { ...parts, hooks: fakeHooks({ "10-a": "failed" }) });
  for (const secret of [KEY, successor(KEY, NONCE), NONCE, series.samples[0]?.hash ?? ""]) {
    expect(secret).toHaveLength(64);
    expect(log.lines.join("\n")).not.toContain(secret);
  }
});
