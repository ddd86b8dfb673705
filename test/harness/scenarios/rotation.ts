import assert from "node:assert/strict";
import type { HostState } from "../../../functions/clients/hosts.ts";
import { successor } from "../../../protocol/index.ts";
import { hex64Of, INTERVAL_MS, LINE } from "../../functions/support.ts";
import { World } from "../world.ts";
import type { End, Scenario } from "./scenario.ts";

const ID = "0a1b2c";
const EC2 = "i-0123456789abcdef0";

const NEW_ID = "ffffff";
const PUBLIC_KEY = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";

const settled = (world: World) => world.settledHost(ID, EC2);
/** It has written nothing for long; no event told in what state its host is now. */
async function silent(world: World, state: HostState = "running"): Promise<void> {
  const host = await settled(world);
  host.state = "stopped";
  await world.pass(100 * INTERVAL_MS);
  host.state = state;
}
const start = (world: World) => world.start("rotation", { id: ID });
const ROTATED: End = { end: "ROTATED", mails: 0 };

/** Ends at which nothing went wrong: somebody else was faster, or the instance is not to be turned. */
const QUIET = ["Retired", "Quarantined", "Superseded", "Rekeying", "Waiting"];

export const scenario: Scenario = {
  routes: [
    { name: "a key that is due", arrange: settled, start, comesTo: ROTATED },
    {
      name: "the event of the push's end is lost",
      options: { deliveries: [{ arrives: 1, told: 0 }] },
      ...{ arrange: settled, start, comesTo: ROTATED },
    },
    {
      name: "a second writer",
      async arrange(world) {
        const host = await settled(world);
        world.timeSeries.write(ID, EC2, { timeMs: world.clock.now() + 1, generation: 1, hash: hex64Of("a clone's") });
        await world.pass(INTERVAL_MS);
        await host.prove();
      },
      start,
      comesTo: { end: "ROTATED", mails: 1 },
    },
    {
      name: "an instance that is silent",
      arrange: (world) => silent(world),
      start,
      comesTo: { end: "Keyturn.STALE", mails: 1 },
    },
    {
      name: "an instance whose host has stopped, of which no event told",
      arrange: (world) => silent(world, "stopped"),
      start,
      comesTo: { end: "WAITING", mails: 0 },
    },
    {
      name: "an instance whose host is terminated, of which no event told",
      arrange: (world) => silent(world, "terminated"),
      start,
      comesTo: { end: "RETIRED", mails: 0 },
    },
    {
      name: "an instance that is just up",
      async arrange(world) {
        await silent(world);
        await world.registry.updateIp(ID, { ec2InstanceId: EC2, ip: "10.0.0.4", at: world.clock.now() });
      },
      start,
      comesTo: { end: "WAITING", mails: 0 },
    },
    {
      name: "a newcomer whose former goes on",
      async arrange(world) {
        await settled(world);
        world.start("registration", {
          id: NEW_ID,
          ip: "10.6.6.6",
          flag: "new",
          publicKey: PUBLIC_KEY,
          ec2InstanceId: EC2,
        });
        await world.settle();
        await world.pass(11 * INTERVAL_MS);
      },
      start: (world) => world.start("rotation", { id: NEW_ID }),
      comesTo: { end: "WAITING", mails: 0 },
    },
    {
      name: "a newcomer whose former went on for an hour",
      async arrange(world) {
        await settled(world);
        world.start("registration", {
          id: NEW_ID,
          ip: "10.6.6.6",
          flag: "new",
          publicKey: PUBLIC_KEY,
          ec2InstanceId: EC2,
        });
        await world.settle();
        await world.pass(60 * INTERVAL_MS);
      },
      start: (world) => world.start("rotation", { id: NEW_ID }),
      comesTo: { end: "RETIRED", mails: 1 },
    },
    {
      name: "a newcomer whose former is silent",
      async arrange(world) {
        await world.registerAnew(await settled(world));
        await world.pass(11 * INTERVAL_MS);
      },
      start: async (world) => world.start("rotation", { id: (await world.registry.findOwner(EC2))?.newcomer }),
      comesTo: { end: "ROTATED", mails: 1 },
    },
    {
      name: "an instance of which wrong samples are the newest",
      async arrange(world) {
        await settled(world);
        world.clock.moveTo(world.clock.now() + 1000);
        world.timeSeries.write(ID, EC2, { timeMs: world.clock.now(), generation: 1, hash: hex64Of("a thief's") });
      },
      start,
      comesTo: { end: "Keyturn.MISMATCH", mails: 1 },
    },
    {
      name: "a rekey that stands",
      since: "ValidateRekey",
      async arrange(world) {
        await settled(world);
        await world.openRekey(ID);
      },
      start,
      comesTo: ROTATED,
    },
    {
      name: "a record that is behind its instance",
      since: "DeriveAgain",
      async arrange(world) {
        const host = await settled(world);
        const { key = "" } = (await host.keyFile()) ?? {};
        const nonce = await world.nonces.compute({ id: ID, ec2InstanceId: EC2, generation: 2 });
        host.hold({ id: ID, generation: 2, key: successor(key, nonce) });
        world.restored.set(ID, 2);
        world.clock.moveTo(world.clock.now() + 1000);
        await host.prove();
      },
      start,
      comesTo: { end: "ROTATED", mails: 1 },
    },
    {
      name: "a later generation is claimed, and none proved",
      since: "DeriveAgain",
      async arrange(world) {
        await settled(world);
        world.clock.moveTo(world.clock.now() + 1000);
        world.timeSeries.write(ID, EC2, { timeMs: world.clock.now(), generation: 3, hash: hex64Of("a thief's") });
      },
      start,
      comesTo: { end: "Keyturn.RecordBehind", mails: 1 },
    },
  ],

  edges: [
    {
      name: "what goes wrong with an instance that is retired meanwhile is nobody's business",
      async run(definitions) {
        const world = new World({ definitions });
        await settled(world);
        world.functions.next("rotation/read-time-series", { error: "SomethingElse" });
        world.functions.replaced.set("rotation/notify-sns", (step) => async (input, neighbours) => {
          await world.registry.retire(ID, { ec2InstanceId: EC2, at: world.clock.now(), line: LINE });
          return step(input, neighbours);
        });
        start(world);
        await world.settle();
        const [execution] = world.flows.executions("rotation");
        assert(execution);
        assert.equal(scenario.end(execution, world.flows.entered(execution)), "RETIRED");
        assert.deepEqual(world.mail.sent, []);
      },
    },
  ],

  end({ output, error }, states) {
    if (error !== null) return error;
    const { outcome } = JSON.parse(output ?? "{}");
    const last = states.at(-1);
    // The console shows people the state in which it ended.
    return last === (outcome === "ROTATED" ? "Turned" : "NotTurned") ? outcome : `${outcome} in ${last}`;
  },

  failsWith(state, error, { comesTo }) {
    // People were not told yet that it is brought forward.
    if (state === "DeriveAgain") {
      return QUIET.includes(error) ? { end: error.toUpperCase(), mails: 0 } : { end: `Keyturn.${error}`, mails: 1 };
    }
    // It is looked at for a rekey that stands, and none does any more.
    if (state === "ValidateId" && error === "Rekeying") return { end: "SUPERSEDED", mails: comesTo.mails };
    if (QUIET.includes(error)) return { end: error.toUpperCase(), mails: comesTo.mails };
    // It is looked at as a newcomer, is none, and goes on.
    if (error === "Newcomer") return comesTo;
    // SSM is asked, and knows the receipt.
    if (state.startsWith("Push") && error === "States.Timeout") return comesTo;
    // People were not told of the silence yet.
    if (state === "FollowHost") return { end: `Keyturn.${error}`, mails: 1 };
    // Who tells cannot tell of itself: a rule does, beside what was told before.
    if (state === "NotifySns" || state === "NotifyConflict") return { end: error, mails: 1 };
    return { end: `Keyturn.${error}`, mails: comesTo.mails + 1 };
  },
};
