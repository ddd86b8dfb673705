import { describe, expect, test } from "vitest";
import { Failure } from "../../agent/failure.ts";
import type { Answer } from "../../agent/registration/answer.ts";
import type { KeyFile } from "../../agent/state/key-file.ts";
import { type Hooks, noHooks } from "../../agent/turn/hooks.ts";
import type { StoredTicket } from "../../agent/turn/tickets.ts";
import { type TurnParts, turn } from "../../agent/turn/turn.ts";
import { VERSION } from "../../agent/version.ts";
import { receiptProof, sampleHash, successor } from "../../protocol/index.ts";
import { CrashingDisk } from "./fakes/crashing-disk.ts";
import { HandClock } from "./fakes/hand-clock.ts";
import {
  EC2_INSTANCE_ID,
  FakeLog,
  FakeSeries,
  fakeLock,
  KEY,
  KEY_FILE,
  lying,
  NONCE,
  PLACES,
  seededBytes,
  ticketFor,
} from "./fakes/parts.ts";
import { REKEY_NONCE, Rekeys, rekeyTicket } from "./fakes/rekeys.ts";

const IDENTITY = { version: 1, id: KEY_FILE.id, ec2InstanceId: EC2_INSTANCE_ID };
const UNFINISHED = { ...IDENTITY, privateKey: "01".repeat(32), publicKey: "02".repeat(32) };
const DAMAGED = { ...KEY_FILE, key: KEY.slice(1) };

/** An instance with these files, for which a ticket lies, and the control plane, where a rekey to generation 9 stands. */
function instance(files: { identity?: object; key?: object | string } = { identity: IDENTITY, key: KEY_FILE }) {
  const text = (value: object | string) => (typeof value === "string" ? value : JSON.stringify(value));
  const disk = CrashingDisk.with({
    ...(files.identity && { [PLACES.identity]: text(files.identity) }),
    ...(files.key && { [PLACES.key]: text(files.key) }),
  });
  const rekeys = new Rekeys();
  const log = new FakeLog();
  const series = new FakeSeries();
  const clock = new HandClock();
  const parts: Omit<TurnParts, "tickets"> = {
    ...{ disk, places: PLACES, lock: fakeLock(), series, hooks: noHooks, nonce: "hmac", clock, log },
    ...{ register: rekeys.register, ip: async () => "10.0.0.7", random: seededBytes("the agent") },
  };
  /** A turn while this ticket lies there. */
  const turnBy = (ticket: StoredTicket | undefined, more: Partial<TurnParts> = {}) =>
    turn({ ...parts, tickets: lying(ticket), ...more });
  const held = async (): Promise<KeyFile> => JSON.parse((await disk.read(PLACES.key)) ?? "null");
  const pairs = async () => JSON.parse((await disk.read(PLACES.rekey)) ?? '{"pairs":[]}').pairs;
  return { disk, rekeys, log, series, clock, turnBy, held, pairs };
}

describe("a ticket without a proof", () => {
  test.each([
    ["a key that nobody knows", { identity: IDENTITY, key: { ...KEY_FILE, key: "0".repeat(64) } }],
    ["no key file", { identity: IDENTITY }],
    ["a damaged key file", { identity: IDENTITY, key: DAMAGED }],
    ["a key file that is half there", { identity: IDENTITY, key: '{"version":1,"key":"5ec' }],
    ["another instance's key file", { identity: IDENTITY, key: { ...KEY_FILE, id: "ffffff", generation: 12 } }],
    ["a key but no identity", { key: KEY_FILE }],
  ])("gives an instance with %s the key that both sides agree, and the receipt of it", async (_what, files) => {
    const { disk, rekeys, turnBy, held } = instance(files);
    expect(await turnBy(rekeyTicket())).toEqual(rekeys.receipt());
    const { id, ec2InstanceId } = KEY_FILE;
    const turned = { version: 1, id, ec2InstanceId, generation: 9, key: rekeys.key, nonce: REKEY_NONCE, hooks: [] };
    expect(await held()).toEqual(turned);
    for (const later of [disk, ...disk.afterPowerLoss()]) expect(later.files()).not.toContain(PLACES.rekey);
  });

  test("is asked about as this instance, once, after the pair lasts", async () => {
    const { disk, rekeys, turnBy } = instance();
    const stored: unknown[] = [];
    await turnBy(rekeyTicket(), {
      register: async (request) => {
        for (const later of disk.afterPowerLoss()) stored.push(JSON.parse((await later.read(PLACES.rekey)) ?? "null"));
        return rekeys.register(request);
      },
    });
    const [request] = rekeys.requests;
    expect(rekeys.requests).toEqual([
      {
        ...{ id: KEY_FILE.id, ip: "10.0.0.7", flag: "rekey", generation: 9, nonce: REKEY_NONCE, agentVersion: VERSION },
        publicKey: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(stored).not.toEqual([]);
    const pair = { publicKey: request?.publicKey, privateKey: expect.stringMatching(/^[0-9a-f]{64}$/) };
    const pairs = [{ generation: 9, nonce: REKEY_NONCE, ...pair }];
    for (const file of stored) expect(file).toEqual({ ...IDENTITY, pairs });
  });

  test("is followed by one sample with the new key, and by the hooks", async () => {
    const { rekeys, series, clock, turnBy, held } = instance();
    const hooks: Hooks = { folder: "/hooks.d", list: async () => ["10-a"], begin: () => ({ run: async () => "done" }) };
    const outcome = [{ name: "10-a", outcome: "done" }];
    expect(await turnBy(rekeyTicket(), { hooks })).toEqual(rekeys.receipt(outcome));
    const { id, ec2InstanceId } = KEY_FILE;
    const proved = { id, ec2InstanceId, generation: 9, timeMs: clock.now() };
    expect(series.samples).toEqual([{ ...proved, hash: sampleHash({ ...proved, key: rekeys.key ?? "" }) }]);
    expect((await held()).hooks).toEqual(outcome);
  });

  test("of the generation that is held, or of a lower one, gets the receipt of the key that is held", async () => {
    const { rekeys, turnBy, held } = instance();
    const { id, ec2InstanceId, generation, nonce } = KEY_FILE;
    const proof = receiptProof({ key: KEY, id, ec2InstanceId, generation, nonce: nonce ?? "" });
    for (const low of [4, 3]) {
      expect(await turnBy(rekeyTicket(low))).toEqual({ receipt: { id, generation, proof, hooks: [] } });
    }
    expect(rekeys.requests).toEqual([]);
    expect(await held()).toEqual(KEY_FILE);
  });

  test("again gives the same receipt and asks nobody", async () => {
    const { rekeys, turnBy } = instance({ identity: IDENTITY });
    const first = await turnBy(rekeyTicket());
    expect(await turnBy(rekeyTicket())).toEqual(first);
    expect(rekeys.requests).toHaveLength(1);
  });

  test("twice at once is answered the same, and one key is agreed", async () => {
    const { rekeys, turnBy } = instance();
    const [one, other] = await Promise.all([turnBy(rekeyTicket()), turnBy(rekeyTicket())]);
    expect(one).toEqual(rekeys.receipt());
    expect(other).toEqual(one);
    expect(rekeys.requests).toHaveLength(1);
  });

  test("is followed by tickets with a proof, from the new key on", async () => {
    const { rekeys, turnBy, held } = instance();
    await turnBy(rekeyTicket());
    expect(await turnBy(ticketFor(await held()))).toMatchObject({ receipt: { generation: 10 } });
    expect((await held()).key).toBe(successor(rekeys.key ?? "", NONCE));
  });

  test("is obeyed where successors are derived without a nonce, too", async () => {
    const { rekeys, turnBy } = instance();
    expect(await turnBy(rekeyTicket(), { nonce: "none" })).toEqual(rekeys.receipt());
  });
});

const AWAY: Answer = { kind: "unavailable", sentence: "It is away." };
const registered = {
  kind: "registered",
  generation: 9,
  serverPublic: "0f".repeat(32),
  sampleIntervalSeconds: 60,
} as const;

describe("no key is agreed, and nothing changes,", () => {
  test.each<[string, Answer, string, RegExp]>([
    ["when none stands", { kind: "refused", reason: "NO_REKEY" }, "REKEY_REFUSED", /who writes tickets.*"NO_REKEY"/],
    [
      "when it was answered already",
      { kind: "refused", reason: "REKEY_TAKEN" },
      "REKEY_REFUSED",
      /credentials were stolen/,
    ],
    ["in quarantine", { kind: "refused", reason: "QUARANTINED" }, "REKEY_REFUSED", /must release it/],
    ["for a reason of a later version", { kind: "refused", reason: "unknown" }, "REKEY_REFUSED", /does not know/],
    ["while nobody answers", AWAY, "REKEY_UNAVAILABLE", /It is away\./],
    ["when the request is rejected", { kind: "rejected", sentence: "No." }, "REKEY_UNAVAILABLE", /No\./],
    ["for another generation", { ...registered, generation: 8 }, "REKEY_UNAVAILABLE", /generation 8/],
    ["without a public key", { ...registered, serverPublic: undefined }, "REKEY_UNAVAILABLE", /without a public key/],
    ["by a low-order point", { ...registered, serverPublic: "0".repeat(64) }, "REKEY_UNAVAILABLE", /good for nothing/],
  ])("%s", async (_what, answer, reason, sentence) => {
    for (const key of [KEY_FILE, undefined]) {
      const { rekeys, log, series, turnBy, held } = instance({ identity: IDENTITY, ...(key && { key }) });
      rekeys.instead.push(answer);
      expect(await turnBy(rekeyTicket())).toEqual({ refused: { id: KEY_FILE.id, generation: 9, reason } });
      expect(await held()).toEqual(key ?? null);
      expect(series.samples).toEqual([]);
      expect(log.lines).toEqual([expect.stringMatching(sentence)]);
    }
  });

  test("while the metadata service is away", async () => {
    const { rekeys, log, turnBy } = instance();
    const ip = () => Promise.reject(new Failure("No address."));
    expect(await turnBy(rekeyTicket(), { ip })).toMatchObject({ refused: { reason: "REKEY_UNAVAILABLE" } });
    expect(rekeys.requests).toEqual([]);
    expect(log.lines).toEqual([expect.stringContaining("No address.")]);
  });

  test("when the agent is stopped while it waits", async () => {
    const { turnBy, held } = instance();
    const stop = new AbortController();
    const register = () => new Promise<Answer>(() => setImmediate(() => stop.abort()));
    const result = await turnBy(rekeyTicket(), { register, signal: stop.signal });
    expect(result).toMatchObject({ refused: { reason: "REKEY_UNAVAILABLE" } });
    expect(await held()).toEqual(KEY_FILE);
  });

  test.each([
    ["refused", undefined],
    ["left without an answer", AWAY],
  ])(
    "by a ticket that somebody made up, which is %s and does not cost a pair that was answered",
    async (_what, answer) => {
      const { rekeys, turnBy, held, disk, pairs } = instance();
      rekeys.instead.push(AWAY);
      await turnBy(rekeyTicket());
      const agreed = await pairs();
      if (answer) rekeys.instead.push(answer);
      const madeUp = { ...rekeyTicket(4711), nonce: "ee".repeat(32) };
      expect(await turnBy(madeUp)).toMatchObject({ refused: { generation: 4711 } });
      expect(await held()).toEqual(KEY_FILE);
      const other = answer ? [expect.objectContaining({ generation: 4711 })] : [];
      expect(await pairs()).toEqual([...agreed, ...other]);
      expect(await turnBy(rekeyTicket())).toEqual(rekeys.receipt());
      for (const later of [disk, ...disk.afterPowerLoss()]) {
        expect(JSON.parse((await later.read(PLACES.rekey)) ?? '{"pairs":[]}').pairs).toEqual(other);
      }
    },
  );

  test("where the system refuses X25519, which is said", async () => {
    const { disk, turnBy } = instance();
    const random = () => Buffer.alloc(0);
    await expect(turnBy(rekeyTicket(), { random })).rejects.toThrow(/refuses X25519/);
    expect(disk.operations).toBe(0);
  });
});

describe("the pair", () => {
  test("is the same for the same ticket, so that an answer that was lost is had once more", async () => {
    const { rekeys, turnBy } = instance();
    rekeys.instead.push(AWAY);
    expect(await turnBy(rekeyTicket())).toMatchObject({ refused: { reason: "REKEY_UNAVAILABLE" } });
    expect(await turnBy(rekeyTicket(), { random: seededBytes("another start") })).toEqual(rekeys.receipt());
  });

  test("is another one for another rekey", async () => {
    const { rekeys, turnBy } = instance();
    rekeys.instead.push(AWAY, AWAY, AWAY);
    for (const ticket of [rekeyTicket(8), rekeyTicket(9), { ...rekeyTicket(9), nonce: "ee".repeat(32) }]) {
      await turnBy(ticket);
    }
    expect(new Set(rekeys.requests.map(({ publicKey }) => publicKey)).size).toBe(3);
  });

  test("is not one that another instance has left", async () => {
    for (const other of [{ id: "ffffff" }, { ec2InstanceId: "i-0fedcba9876543210" }]) {
      const { disk, rekeys, turnBy } = instance({ identity: IDENTITY });
      const pair = { privateKey: "01".repeat(32), publicKey: "02".repeat(32) };
      const pairs = [{ generation: 9, nonce: REKEY_NONCE, ...pair }];
      await disk.write(PLACES.rekey, JSON.stringify({ ...IDENTITY, ...other, pairs }));
      expect(await turnBy(rekeyTicket())).toEqual(rekeys.receipt());
      expect(rekeys.requests[0]?.publicKey).not.toBe(pair.publicKey);
    }
  });

  test.each([
    ["NO_REKEY", 0],
    ["REKEY_TAKEN", 0],
    ["QUARANTINED", 1],
  ] as const)(
    "is kept where the refusal may pass, and erased where no key can have been agreed with it: %s, %i left",
    async (reason, kept) => {
      const { rekeys, turnBy, disk } = instance();
      rekeys.instead.push({ kind: "refused", reason });
      await turnBy(rekeyTicket());
      expect(JSON.parse((await disk.read(PLACES.rekey)) ?? '{"pairs":[]}').pairs).toHaveLength(kept);
    },
  );

  test("is one of five at the most, however many tickets come that nobody answers", async () => {
    const { rekeys, turnBy, pairs } = instance();
    rekeys.instead.push(...Array(7).fill(AWAY));
    for (let generation = 11; generation <= 17; generation += 1) await turnBy(rekeyTicket(generation));
    expect((await pairs()).map(({ generation }: { generation: number }) => generation)).toEqual([13, 14, 15, 16, 17]);
  });

  test("outlasts a quarantine: a key may have been agreed with it before", async () => {
    const { rekeys, turnBy } = instance();
    rekeys.instead.push(AWAY, { kind: "refused", reason: "QUARANTINED" });
    for (const _ of [1, 2]) await turnBy(rekeyTicket());
    expect(await turnBy(rekeyTicket())).toEqual(rekeys.receipt());
  });

  test("that is damaged counts for nothing", async () => {
    const { disk, rekeys, log, turnBy } = instance();
    await disk.write(PLACES.rekey, '{"version":1,"privateKey":"5ec');
    expect(await turnBy(rekeyTicket())).toEqual(rekeys.receipt());
    expect(log.lines.join()).toMatch(/rekey\.json is damaged/);
    expect(log.lines.join()).not.toContain("5ec");
    expect(disk.files()).not.toContain(PLACES.rekey);
  });

  test.each([
    ["of the key that is held", 4],
    ["of a former one", 2],
  ])("%s is erased by the next turn, whatever its ticket", async (_what, generation) => {
    const { disk, turnBy } = instance();
    const pair = { privateKey: "01".repeat(32), publicKey: "02".repeat(32) };
    const pairs = [{ generation, nonce: REKEY_NONCE, ...pair }];
    await disk.write(PLACES.rekey, JSON.stringify({ ...IDENTITY, pairs }));
    await turnBy({ ...ticketFor(), proof: "0".repeat(64) });
    for (const later of [disk, ...disk.afterPowerLoss()]) expect(later.files()).not.toContain(PLACES.rekey);
  });

  test("of a rekey that is still to come is kept by a turn to the next generation", async () => {
    const { rekeys, turnBy, pairs } = instance();
    rekeys.instead.push(AWAY);
    await turnBy(rekeyTicket());
    const before = await pairs();
    expect(await turnBy(ticketFor())).toMatchObject({ receipt: { generation: 5 } });
    expect(await pairs()).toEqual(before);
    expect(await turnBy(rekeyTicket())).toEqual(rekeys.receipt());
  });

  test("that cannot be erased withholds no receipt", async () => {
    const { disk, rekeys, log, turnBy } = instance();
    disk.remove = (path) => Promise.reject(new Failure(`Cannot remove ${path}.`));
    expect(await turnBy(rekeyTicket())).toEqual(rekeys.receipt());
    expect(log.lines.join()).toContain("could not be erased: Cannot remove");
  });
});

describe("without a key that can be used, only a rekey goes on:", () => {
  test.each([
    ["a ticket with a proof", { ...ticketFor(), generation: 9 }],
    ["no ticket", undefined],
  ])("%s changes nothing", async (_what, ticket) => {
    const missing = instance({ identity: IDENTITY });
    expect(await missing.turnBy(ticket)).toEqual({ refused: { reason: "NO_KEY" } });
    const damaged = instance({ identity: IDENTITY, key: DAMAGED });
    await expect(damaged.turnBy(ticket)).rejects.toThrow(/key\.json is damaged \(key is/);
    expect([missing, damaged].map(({ disk }) => disk.operations)).toEqual([0, 0]);
  });

  test("a rekey changes nothing where nobody says whose key it would be", async () => {
    for (const identity of [undefined, UNFINISHED, { version: 1, id: "?" }]) {
      const files = identity && { identity };
      const missing = instance({ ...files });
      expect(await missing.turnBy(rekeyTicket())).toEqual({ refused: { reason: "NO_KEY" } });
      const damaged = instance({ ...files, key: DAMAGED });
      await expect(damaged.turnBy(rekeyTicket())).rejects.toThrow(/key\.json is damaged/);
      expect([missing, damaged].flatMap(({ rekeys }) => rekeys.requests)).toEqual([]);
    }
  });

  test("its ticket is that of the identity, and why there is none to be had is told", async () => {
    const { turnBy, log } = instance({ identity: IDENTITY });
    const asked: unknown[] = [];
    const find = async (name: unknown) => {
      asked.push(name);
      throw Object.assign(new Error("no"), { name: "AccessDeniedException" });
    };
    const refused = { id: KEY_FILE.id, reason: "TICKET_DENIED" };
    expect(await turnBy(undefined, { tickets: { find, close: () => undefined } })).toEqual({ refused });
    expect(asked).toEqual([{ id: KEY_FILE.id, ec2InstanceId: EC2_INSTANCE_ID }]);
    expect(log.lines).toHaveLength(1);
  });

  test("a key file that cannot even be read is never replaced", async () => {
    const { disk, rekeys, turnBy } = instance();
    const read = disk.read.bind(disk);
    disk.read = (path) => (path === PLACES.key ? Promise.reject(new Failure("Cannot read it.")) : read(path));
    await expect(turnBy(rekeyTicket())).rejects.toThrow("Cannot read it.");
    expect(rekeys.requests).toEqual([]);
  });
});

test("nothing that is logged or answered holds a key, a nonce, or a private key", async () => {
  const { rekeys, log, turnBy, pairs } = instance();
  rekeys.instead.push(AWAY);
  const answers = [await turnBy(rekeyTicket())];
  const [{ privateKey }] = await pairs();
  answers.push(await turnBy(rekeyTicket()));
  for (const secret of [KEY, rekeys.key ?? "", REKEY_NONCE, privateKey]) {
    expect(secret).toHaveLength(64);
    expect(log.lines.join("\n") + JSON.stringify(answers)).not.toContain(secret);
  }
});
