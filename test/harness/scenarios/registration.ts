import assert from "node:assert/strict";
import { registrationOutcome } from "../../../functions/registration/outcome.ts";
import { hex64Of } from "../../functions/support.ts";
import { World } from "../world.ts";
import type { Scenario } from "./scenario.ts";

const EC2 = "i-0123456789abcdef0";
const OTHER_EC2 = "i-0fedcba9876543210";
const ID = "0a1b2c";

/** The agent of the first host registers. */
const start = (world: World) => {
  const host = world.hosts.get(EC2);
  return host && world.register(host);
};
/** Its agent turns on the ticket that lies. */
const turn = (world: World) => {
  const host = world.hosts.get(EC2);
  return host && world.turn(host);
};
const NEW = { ip: "10.0.0.4", flag: "new", publicKey: hex64Of("public key") };

/** What errors of the step that writes come to, of which people are told. */
const REFUSED: Record<string, string> = {
  NotOwner: "NOT_OWNER",
  Quarantined: "QUARANTINED",
  Retired: "RETIRED",
  TooManyIds: "TOO_MANY_IDS",
  NoRekey: "NO_REKEY",
  RekeyTaken: "REKEY_TAKEN",
};

export const scenario: Scenario = {
  routes: [
    {
      name: "a new host",
      arrange: async (world) => world.newHost(EC2),
      ...{ start, comesTo: { end: "registered", mails: 0 } },
    },
    {
      name: "a host that is known",
      arrange: (world) => world.settledHost(ID, EC2),
      ...{ start, comesTo: { end: "registered", mails: 0 } },
    },
    {
      name: "a host whose agent has lost its folder",
      arrange: async (world) => (await world.settledHost(ID, EC2)).wipe(),
      ...{ start, comesTo: { end: "registered", mails: 0 } },
    },
    {
      name: "a host whose agent has lost its folder again",
      arrange: async (world) => {
        const host = await world.settledHost(ID, EC2);
        await world.registerAnew(host);
        host.wipe();
      },
      ...{ start, comesTo: { end: "registered", mails: 0 } },
    },
    {
      name: "a host whose registration died on its way, under another ID",
      arrange: async (world) => {
        world.newHost(EC2);
        await world.registry.writeOwner(EC2, { holder: "ffffff", cameAt: [] }, undefined);
      },
      ...{ start, comesTo: { end: "registered", mails: 0 } },
    },
    {
      name: "somebody with a host's credentials, once too often",
      arrange: async (world) => {
        await world.settledHost(ID, EC2);
        const owner = await world.registry.findOwner(EC2);
        await world.registry.writeOwner(EC2, { holder: ID, cameAt: Array(5).fill(world.clock.now()) }, owner);
      },
      start: (world) => world.start("registration", { id: "ffffff", ...NEW, ec2InstanceId: EC2 }),
      comesTo: { end: "TOO_MANY_IDS", mails: 1 },
    },
    {
      name: "a record that is another host's",
      arrange: (world) => world.settledHost(ID, OTHER_EC2),
      start: (world) => world.start("registration", { id: ID, ip: "10.0.0.4", flag: "update", ec2InstanceId: EC2 }),
      comesTo: { end: "NOT_OWNER", mails: 1 },
    },
    {
      name: "an ID that another host has",
      arrange: (world) => world.settledHost(ID, OTHER_EC2),
      start: (world) => world.start("registration", { id: ID, ...NEW, ec2InstanceId: EC2 }),
      comesTo: { end: "ID_TAKEN", mails: 0 },
    },
    {
      name: "a host that answers its rekey",
      since: "DeriveRekey",
      async arrange(world) {
        await world.settledHost(ID, EC2);
        const { generation, nonce } = await world.openRekey(ID);
        await world.tickets.lay(EC2, { id: ID, generation, nonce, proof: "" }, { at: world.clock.now() });
      },
      start: turn,
      comesTo: { end: "registered", mails: 0 },
    },
    {
      name: "a host that is given the ticket of a rekey which nobody opened",
      since: "DeriveRekey",
      async arrange(world) {
        await world.settledHost(ID, EC2);
        const ticket = { id: ID, generation: 2, nonce: hex64Of("made up"), proof: "" };
        await world.tickets.lay(EC2, ticket, { at: world.clock.now() });
      },
      start: turn,
      comesTo: { end: "NO_REKEY", mails: 1 },
    },
  ],

  end({ status, output, error }) {
    if (status !== "SUCCEEDED") return error ?? status;
    const outcome = registrationOutcome.safeParse(JSON.parse(output ?? "{}"));
    if (!outcome.success) return `an answer that nobody declared: ${output}`;
    return outcome.data.registered ? "registered" : outcome.data.reason;
  },

  edges: [
    {
      name: "an ID that another host has is refused before the registry is asked to write",
      async run(definitions) {
        const world = new World({ definitions });
        await world.settledHost(ID, OTHER_EC2);
        world.start("registration", { id: ID, ...NEW, ec2InstanceId: EC2 });
        await world.settle();
        assert.deepEqual(world.functions.invoked, ["registration/validate-id"]);
      },
    },
  ],

  failsWith(state, error) {
    // The agent draws another ID, of which nobody needs to hear.
    if (error === "IdTaken") return { end: "ID_TAKEN", mails: 0 };
    const refused = REFUSED[error];
    if (refused !== undefined) return { end: refused, mails: 1 };
    // Who tells cannot tell of itself: an alarm does.
    if (state === "NotifySns") return { end: error, mails: 0 };
    return { end: `Keyturn.${error}`, mails: 1 };
  },
};
