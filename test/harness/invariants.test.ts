import { expect, test } from "vitest";
import type { FakeServer } from "../../functions/clients/authority.fake.ts";
import type { InstanceRecord } from "../../functions/record/record.ts";
import type { FlowName } from "../../infra/wiring.ts";
import { hex64Of, NOW, ROTATE_EVERY_MS } from "../functions/support.ts";
import { after, alter, looks, retireAtOnce } from "./breaking.ts";
import { type Definitions, readDefinitions } from "./definitions.ts";
import type { RunStep } from "./functions.ts";
import { AT_EVERY_MOMENT, AT_THE_END } from "./invariants.ts";
import { comeToRest, run } from "./run.ts";
import { scenarioOf } from "./scenarios/index.ts";
import { tokenOf } from "./scenarios/tokens.ts";
import type { World } from "./world.ts";

/** Something in the product that is broken on purpose; `route` counts from 0, or is named. */
interface Breakage {
  flow?: FlowName;
  route?: number | string;
  alters?: (definitions: Definitions) => unknown;
  breaks: (world: World) => void;
}

function writerOf(world: World): FakeServer {
  const [settings] = world.credentialSettings;
  if (settings?.kind !== "database") throw new Error("there is no credential of a database");
  return world.authorities.of(settings).servers.get(settings.hosts[0]) as FakeServer;
}

/** The line of a promotion is lost on its way. */
function losesLineOf(promotes: "promote" | "promoteRekey") {
  return (world: World) => {
    const promote = world.registry[promotes];
    world.registry[promotes] = async (id, change) => {
      const promoted = await promote(id, change);
      alter(world, (record) => Object.assign(record, { auditDue: [] }));
      return promoted && { pushes: promoted.pushes };
    };
  };
}

const A_REKEY = "a rekey that stands";
const A_TOKEN = "a token whose consumers move, many of one key";

/** Somebody revokes a token, and nothing says so. */
function revokes(world: World, token: string | undefined): void {
  const kept = world.authorities.issuerOf(tokenOf(world)).tokens.get(token ?? "");
  if (kept !== undefined) kept.isRevoked = true;
}
const AGREED = { id: "0a1b2c", ec2InstanceId: "i-0123456789abcdef0", generation: 2 };

/** For each invariant something broken that it sees. */
const BREAKAGES: Record<string, Breakage | Breakage[]> = {
  "no host is locked out": [
    {
      breaks: (world) =>
        after(world, "rotation/push-to-instance", () => alter(world, (record) => delete record.pending)),
    },
    {
      // The key that was agreed is forgotten as soon as the host holds it.
      route: A_REKEY,
      breaks: (world) => after(world, "rotation/end-push", () => alter(world, (record) => delete record.rekey?.agreed)),
    },
    {
      // Somebody else's answer is kept, and the host holds no key that anybody knows.
      flow: "operate",
      route: "a rekey of a host whose key somebody has altered",
      breaks: (world) =>
        after(world, "rotation/push-to-instance", ({ neighbours }) => {
          const agreed = { ciphertext: "", agentPublic: "", serverPublic: "", receiptDigest: "" };
          alter(world, (record) => Object.assign(record.rekey ?? {}, { agreed }));
          return neighbours.registry.find("0a1b2c");
        }),
    },
  ],
  "nothing is promoted that the host does not hold": {
    breaks: (world) =>
      after(world, "rotation/derive-successor", () =>
        alter(world, (record) => Object.assign(record, { current: record.pending })),
      ),
  },
  "a generation has one successor": [
    {
      breaks: (world) =>
        after(world, "rotation/derive-successor", ({ neighbours }) => {
          alter(world, (record) => Object.assign(record.pending ?? {}, { nonce: hex64Of("another") }));
          return neighbours.registry.find("0a1b2c");
        }),
    },
    {
      // Whoever answers a rekey once more gets another key.
      flow: "registration",
      route: "a host that answers its rekey",
      breaks: (world) =>
        after(world, "registration/derive-rekey", async ({ neighbours }) => {
          const ciphertext = await world.vault.seal(hex64Of("another"), AGREED);
          alter(world, (record) => Object.assign(record.rekey?.agreed ?? {}, { ciphertext }));
          return neighbours.registry.find("0a1b2c");
        }),
    },
    {
      // Its nonce is drawn, and another one each time.
      route: A_REKEY,
      breaks: (world) =>
        after(world, "rotation/push-to-instance", ({ neighbours }) => {
          alter(world, ({ rekey }) => Object.assign(rekey ?? {}, { nonce: hex64Of("another") }));
          return neighbours.registry.find("0a1b2c");
        }),
    },
  ],
  "no generation goes back": {
    breaks: (world) =>
      after(world, "rotation/promote-successor", ({ neighbours }) => {
        alter(world, (record) => Object.assign(record.current, { generation: 1 }));
        return neighbours.registry.find("0a1b2c");
      }),
  },
  "an EC2 instance has one active record at the most": {
    flow: "registration",
    route: 2,
    breaks: (world) =>
      after(world, "registration/upsert-ip", ({ neighbours }) => {
        alter(world, (record) => Object.assign(record, { status: "ACTIVE" }));
        return neighbours.registry.find("0a1b2c");
      }),
  },
  "a retired record holds no key": {
    route: 5,
    breaks: (world) =>
      after(world, "rotation/follow-host", () => {
        for (const record of world.registry.records.values()) Object.assign(record, { kept: { ciphertext: "sealed" } });
      }),
  },
  "a retired record holds no rekey": {
    route: 5,
    breaks: (world) =>
      after(world, "rotation/follow-host", () => {
        for (const record of world.registry.records.values()) Object.assign(record, { rekey: { generation: 2 } });
      }),
  },
  "every execution ends in its time": {
    alters: ({ rotation }) => Object.assign(rotation, { TimeoutSeconds: 20 }),
    breaks: (world) => world.functions.next("rotation/validate-id", "hangs"),
  },
  "every host is registered, under one live record": {
    flow: "registration",
    breaks: (world) => {
      const output = { generation: 1, serverPublic: hex64Of("nobody's") };
      world.functions.next("registration/upsert-ip", { output }, 100);
    },
  },
  "every key is turned when it is due": [
    { breaks: (world) => world.functions.next("rotation/promote-successor", { output: { generation: 2 } }, 100) },
    {
      // It is promoted, and goes on standing.
      route: A_REKEY,
      breaks: (world) => {
        const { promoteRekey } = world.registry;
        world.registry.promoteRekey = async (id, change) => {
          const { rekey } = (await world.registry.find(id)) as InstanceRecord;
          const promoted = await promoteRekey(id, change);
          alter(world, (record) => Object.assign(record, { rekey: { ...rekey, generation: 9, agreed: undefined } }));
          return promoted;
        };
      },
    },
  ],
  "nothing goes wrong in silence": {
    route: 3,
    breaks: (world) => world.functions.next("rotation/notify-sns", { output: { outcome: "FAILED", said: "" } }),
  },
  "every finding is told": {
    route: 3,
    breaks: (world) => {
      // It is noted that people were mailed, and they were not.
      const { write } = world.findings;
      world.findings.write = ({ announcedAt: _, ...finding }, before) => write(finding, before);
    },
  },
  "every promotion and every retirement has its audit line, once, and the lines are chained": [
    { breaks: losesLineOf("promote") },
    { route: A_REKEY, breaks: losesLineOf("promoteRekey") },
    {
      route: "a record that is behind its instance",
      breaks: (world) => {
        const { bringForward } = world.registry;
        world.registry.bringForward = (id, change) =>
          bringForward(id, { ...change, line: { ...change.line, act: "failed" } });
      },
    },
  ],
  "nobody is told the same twice, but where who told it was struck": {
    route: 3,
    breaks: (world) => {
      const { send } = world.mail;
      world.mail.send = async (subject, text) => {
        await send(subject, text);
        await send(subject, text);
      };
    },
  },
  "no key and no nonce is anywhere but in its file, its record and its ticket": [
    {
      breaks: (world) =>
        after(world, "rotation/derive-successor", () => {
          world.journal.info(`the nonce is ${[...world.ledger.nonces].at(-1)}`);
        }),
    },
    {
      // What an instance publishes would be the key itself.
      breaks: (world) =>
        after(world, "rotation/derive-successor", () => {
          const [hash = ""] = world.ledger.keyOf.values();
          world.timeSeries.write("0a1b2c", "i-0123456789abcdef0", {
            timeMs: NOW - ROTATE_EVERY_MS,
            generation: 1,
            hash,
          });
        }),
    },
    {
      breaks: (world) => {
        const { put } = world.audit;
        world.audit.put = (line, at) => put({ ...line, details: JSON.stringify([...world.ledger.nonces]) }, at);
      },
    },
    {
      // The flow is told the nonce of a rekey in place of its digest.
      flow: "registration",
      route: "a host that answers its rekey",
      breaks: (world) => {
        const { startSync } = world.flows;
        world.flows.startSync = (flow, input) =>
          startSync.call(world.flows, flow, { ...(input as object), nonceDigest: [...world.ledger.nonces].at(-1) });
      },
    },
  ],
  "the current version of a secret is honoured, once it was": [
    {
      flow: "credential",
      breaks: (world) =>
        after(world, "credential/promote-successor", () => {
          writerOf(world).users.set("orders_b", { mayLogIn: false, password: undefined });
          return looks(world);
        }),
    },
    {
      // The key is revoked, and not the token.
      flow: "credential",
      route: A_TOKEN,
      breaks: (world) =>
        after(world, "credential/retire-predecessor", () => {
          for (const token of world.authorities.issuerOf(tokenOf(world)).tokens.keys()) revokes(world, token);
          return looks(world);
        }),
    },
  ],
  "a credential that a consumer holds is honoured": [
    { flow: "credential", alters: retireAtOnce, breaks: () => {} },
    { flow: "credential", route: A_TOKEN, alters: retireAtOnce, breaks: () => {} },
  ],
  "no token is forgotten that is honoured, but one that was lost on its way to the secret": [
    {
      // A version that is given up is not remembered.
      flow: "credential",
      route: A_TOKEN,
      breaks: (world) => {
        const { write } = world.credentials;
        world.credentials.write = ({ issued: _, ...record }, before) => write(record, before);
        world.functions.next("credential/confirm-successor", { error: "SecretUnfit" });
      },
    },
    {
      // What cannot be kept is not revoked.
      flow: "credential",
      route: A_TOKEN,
      breaks: (world) => {
        const issuer = world.authorities.issuerOf(tokenOf(world));
        const { through } = issuer;
        issuer.through = (pass) => ({ ...through(pass), revoke: async () => true });
        const { putPending } = world.secrets;
        world.secrets.putPending = async (secret, version, value) => {
          world.secrets.putPending = putPending;
          await world.secrets.dropPending(secret, version);
          return putPending(secret, version, value);
        };
      },
    },
  ],
  "a former token is refused once all have moved": {
    flow: "credential",
    route: A_TOKEN,
    breaks: (world) => {
      // Nobody looks whether it is.
      const issuer = world.authorities.issuerOf(tokenOf(world));
      const { through } = issuer;
      const refuses = async () => [{ host: "api.example", says: "REFUSED" as const, words: "it answers 401" }];
      issuer.revokesNothing = true;
      world.functions.replaced.set("credential/retire-predecessor", (real: RunStep) => async (input, neighbours) => {
        issuer.through = (pass) => ({ ...through(pass), accepts: refuses });
        const authorities = { ...world.authorities, issuerOf: () => issuer.through((_, run) => run()) };
        const output = await real(input, { ...(neighbours as object), authorities } as never);
        issuer.through = through;
        return output;
      });
    },
  },
  "a version of a secret has one value": {
    flow: "credential",
    breaks: (world) =>
      after(world, "credential/derive-successor", () => {
        const { read } = world.secrets;
        let reads = 0;
        world.secrets.read = async (secret, version) => {
          reads += 1;
          return (await read(secret, version))?.replace('"password":"', `"password":"${reads}`);
        };
        return looks(world);
      }),
  },
  "no consumer was refused": {
    flow: "credential",
    route: 2,
    alters: retireAtOnce,
    breaks: (world) => {
      world.watching = false;
    },
  },
  "a secret is free for its next rotation": {
    flow: "credential",
    route: 4,
    breaks: (world) => world.functions.next("credential/drop-pending", { output: {} }, 100),
  },
  "a former user is shut once all have moved, and only then": {
    flow: "credential",
    breaks: (world) =>
      world.functions.next("credential/retire-predecessor", { output: { againInSeconds: 1, over: false } }, 100),
  },
  "each promotion of a credential has its audit line, once, and the lines are chained": {
    flow: "credential",
    breaks: (world) => {
      const { write } = world.credentials;
      world.credentials.write = ({ auditDue: _, ...record }, before) => write(record, before);
    },
  },
  "of each exposed key people are told, and of one that can be used still that it may not be shut": {
    flow: "exposed-key",
    breaks: (world) => world.functions.next("exposed-key/notify-sns", { output: { told: true } }, 100),
  },
  "no key is told to be shut that can be used": {
    flow: "exposed-key",
    route: 1,
    // Whose work is only said to be done.
    breaks: (world) => {
      world.functions.next("exposed-key/deactivate-key", { output: { done: "DEACTIVATED" } });
      const output = { is: "INACTIVE", otherKeys: [], quarantine: [] };
      world.functions.next("exposed-key/confirm-gone", { output });
    },
  },
  "no password or token is anywhere but in its secret, at its consumers and at its authority": [
    {
      flow: "credential",
      breaks: (world) =>
        after(world, "credential/derive-successor", () => {
          world.journal.info(`drawn: ${world.secrets.everyValue().at(-1)}`);
        }),
    },
    {
      flow: "credential",
      route: A_TOKEN,
      breaks: (world) =>
        after(world, "credential/push-to-authority", () => {
          world.journal.info(`issued: ${[...world.authorities.issuerOf(tokenOf(world)).tokens.keys()].at(-1)}`);
        }),
    },
  ],
};

const invariants = [...AT_EVERY_MOMENT, ...AT_THE_END].map(({ name }) => name);
const breakages = invariants.flatMap((name) => {
  const given = BREAKAGES[name] ?? [];
  return (Array.isArray(given) ? given : [given]).map((breakage, index) => ({ name, index, breakage }));
});

test("something is broken for each invariant", () => {
  const message = "Break something that only these invariants see, and add it to BREAKAGES in this file";
  expect(
    invariants.filter((name) => BREAKAGES[name] === undefined),
    message,
  ).toEqual([]);
});

test.each(breakages)("$name: it can fail ($index)", async ({ name, breakage }) => {
  const { flow = "rotation", route: which = 0, alters, breaks } = breakage;
  const { routes } = scenarioOf(flow);
  const route = typeof which === "number" ? routes[which] : routes.find((one) => one.name === which);
  if (route === undefined) throw new Error(`${flow} has no route ${which}`);
  const definitions = readDefinitions();
  alters?.(definitions);
  const broken = async () => {
    const { world } = await run(flow, route, definitions, { disturb: breaks });
    await comeToRest(world);
  };
  await expect(broken()).rejects.toThrow(name);
});
