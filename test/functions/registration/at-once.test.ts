import fc from "fast-check";
import { expect, test } from "vitest";
import type { Registry } from "../../../functions/clients/registry.ts";
import { isRetired } from "../../../functions/record/record.ts";
import { deriveRekey } from "../../../functions/registration/derive-rekey/step.ts";
import { upsertIp } from "../../../functions/registration/upsert-ip/step.ts";
import { awaitFormer } from "../../../functions/rotation/await-former/step.ts";
import { agreedKey, keyPair } from "../../../protocol/index.ts";
import {
  askingFor,
  type ControlPlane,
  controlPlane,
  EC2,
  EXECUTION,
  ID,
  OTHER_EC2,
  rekeyOpened,
  seededRandom,
} from "../support.ts";

// Calls of one EC2 instance at once, in any order of their calls of the registry, each of which may be the last of a call
// that dies; and what is left of them afterwards.

class Dies extends Error {}

/** A registry of which every call waits for its turn; a call that dies makes so many, and no more. */
function inTurn(registry: Registry, scheduler: fc.Scheduler, calls: number): Registry {
  let left = calls;
  return new Proxy(registry, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function") return member;
      return async (...given: unknown[]) => {
        await scheduler.schedule(Promise.resolve(), String(name));
        if (left === 0) throw new Dies(String(name));
        left -= 1;
        return member.apply(target, given);
      };
    },
  });
}

/** The IDs of the EC2 instance's records that are not retired, by their status. */
function recordsIn(plane: ControlPlane) {
  const own = [...plane.registry.records.values()].filter((one) => one.ec2InstanceId === OTHER_EC2 && !isRetired(one));
  const of = (status: string) => own.filter((record) => record.status === status).map(({ id }) => id);
  return { active: of("ACTIVE"), fresh: of("NEW") };
}

const lives = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 12 }));
/** Which ID each call comes under, and when it dies. */
const callers = fc.array(fc.record({ n: fc.nat({ max: 3 }), life: lives }), { minLength: 2, maxLength: 4 });

test("whatever the order, and whoever dies, one record is active, and the owner item names it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), callers, async (scheduler, calls) => {
      const plane = await controlPlane();
      const register = (n: number, life: number) => {
        const { publicKey } = keyPair(seededRandom(`agent ${n}`));
        const body = { id: `80000${n}`, ec2InstanceId: OTHER_EC2, ip: "10.0.0.9", flag: "new" as const, publicKey };
        return upsertIp(body, { ...plane, registry: inTurn(plane.registry, scheduler, life) });
      };
      const all = Promise.allSettled(calls.map(({ n, life }) => register(n, life)));
      await scheduler.waitFor(all);
      const ends = await all;
      for (const end of ends) {
        if (end.status === "rejected" && !(end.reason instanceof Dies)) expect(end.reason.name).toBe("IdTaken");
      }
      const { active, fresh } = recordsIn(plane);
      expect(active.length).toBeLessThanOrEqual(1);
      const lasting = calls.filter((_, index) => ends[index]?.status === "fulfilled");
      if (lasting.length > 0) expect(active.length + fresh.length).toBeGreaterThan(0);

      // Who died comes again, and each record that is new is met when it is due.
      for (const { n } of calls) await scheduler.waitFor(register(n, Number.POSITIVE_INFINITY).catch(() => undefined));
      for (const id of recordsIn(plane).fresh)
        await awaitFormer({ id, execution: EXECUTION }, plane).catch(() => undefined);
      const owner = await plane.registry.findOwner(OTHER_EC2);
      const left = recordsIn(plane);
      expect(left.active).toEqual([owner?.holder]);
      expect(left.fresh.every((id) => id === owner?.newcomer)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("of those who answer a rekey at once, the key of one is kept, and each other one is refused, whoever dies", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), callers, async (scheduler, calls) => {
      const plane = await controlPlane();
      const rekey = await rekeyOpened(plane);
      const agents = calls.map(({ n }) => keyPair(seededRandom(`agent ${n}`)));
      const answer = (n: number, life: number) =>
        deriveRekey(askingFor(rekey, agents[n]), { ...plane, registry: inTurn(plane.registry, scheduler, life) });
      const all = Promise.allSettled(calls.map(({ life }, index) => answer(index, life)));
      await scheduler.waitFor(all);
      // Who died asks again.
      const again = Promise.allSettled(calls.map((_, index) => answer(index, Number.POSITIVE_INFINITY)));
      await scheduler.waitFor(again);
      const { agreed } = (await plane.record()).rekey ?? {};
      const name = { id: ID, ec2InstanceId: EC2, generation: rekey.generation };
      const kept = await plane.vault.unseal(agreed?.ciphertext ?? "", name);
      for (const ends of [await all, await again]) {
        for (const [index, end] of ends.entries()) {
          if (end.status === "rejected") {
            if (!(end.reason instanceof Dies)) expect(end.reason.name).toBe("RekeyTaken");
            continue;
          }
          const { privateKey = "", publicKey: agentPublic = "" } = agents[index] ?? {};
          const { serverPublic } = end.value;
          const publicKeys = { publicKey: serverPublic, agentPublic, serverPublic };
          expect(agreedKey({ purpose: "rekey", ...name, privateKey, ...publicKeys })).toBe(kept);
        }
      }
      const won = (await again).filter(({ status }) => status === "fulfilled");
      expect(won.length).toBeGreaterThan(0);
    }),
    { numRuns: 100 },
  );
});
