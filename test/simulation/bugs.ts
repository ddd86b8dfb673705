import { hex64Of } from "../functions/support.ts";
import { after, alter, looks } from "../harness/breaking.ts";
import type { World } from "../harness/world.ts";
import { type Bug, doesNothing } from "./bug.ts";
import { BUGS_OF_CREDENTIALS } from "./credentials/bugs.ts";
import { MENDED } from "./end.ts";
import { TOLD } from "./expectations.ts";
import { AN_HOUR_MS } from "./times.ts";

/** Two agents, turned once or twice, whom nothing befalls. */
const UNDISTURBED = { agents: 2, days: 2, calmDays: 0, only: [] };
/** One whose key file somebody alters a few times. */
const ALTERED = { agents: 1, days: 2, calmDays: 1, often: 60, only: ["a key file is altered"] };
/** One that is terminated. */
const TERMINATED = { agents: 1, days: 2, calmDays: 1, often: 120, only: ["an instance is terminated"] };

/** For each invariant something in the product that is broken on purpose, by what is broken. */
export const BUGS: Record<string, Bug> = {
  "agents do not sync their folder": {
    seenBy: "no host is locked out",
    setup: { agents: 2, days: 4, often: 40, only: ["the power goes"] },
    // Not from the beginning: who has lost everything begins anew.
    breaks: (fleet) => fleet.later(3 * AN_HOUR_MS, () => doesNothing(fleet.world, "disk.syncFolder")),
  },
  "a key is promoted as soon as it is derived": {
    seenBy: "nothing is promoted that the host does not hold",
    setup: UNDISTURBED,
    breaks: ({ world }) =>
      after(world, "rotation/derive-successor", () => {
        alter(world, (record) => record.pending && Object.assign(record, { current: record.pending }));
        return looks(world);
      }),
  },
  "a nonce is drawn anew while a key is pending": {
    seenBy: "a generation has one successor",
    setup: UNDISTURBED,
    breaks: ({ world }) =>
      after(world, "rotation/derive-successor", () => {
        alter(world, ({ pending }) => Object.assign(pending ?? {}, { nonce: hex64Of("another") }));
        return looks(world);
      }),
  },
  "a promotion begins from 1 again": {
    seenBy: "no generation goes back",
    setup: UNDISTURBED,
    breaks: ({ world }) =>
      after(world, "rotation/promote-successor", () => {
        alter(world, ({ current }) => Object.assign(current, { generation: 1 }));
        return looks(world);
      }),
  },
  "who registers is registered twice": {
    seenBy: "an EC2 instance has one active record at the most",
    setup: UNDISTURBED,
    breaks: ({ world }) => {
      const { add } = world.registry;
      world.registry.add = async (record) => {
        const added = await add(record);
        await add({ ...record, id: "ffffff", status: "ACTIVE" });
        return added;
      };
    },
  },
  "a tombstone keeps a key": {
    seenBy: "a retired record holds no key",
    setup: TERMINATED,
    breaks: ({ world }) => keepsInTombstones(world, { kept: { ciphertext: "sealed" } }),
  },
  "a tombstone keeps a rekey": {
    seenBy: "a retired record holds no rekey",
    setup: TERMINATED,
    breaks: ({ world }) => keepsInTombstones(world, { rekey: { generation: 2 } }),
  },
  "a rotation has no time to wait for its receipt": {
    seenBy: "every execution ends in its time",
    setup: { ...UNDISTURBED, calmDays: 1, often: 20, only: ["a command is lost, doubled or late"] },
    alters: ({ rotation }) => Object.assign(rotation, { TimeoutSeconds: 30 }),
  },
  "a registration is answered and not written": {
    seenBy: "every host is registered, under one live record",
    setup: { ...UNDISTURBED, agents: 1 },
    breaks: ({ world }) =>
      world.functions.replaced.set("registration/upsert-ip", () => async () => ({
        generation: 1,
        serverPublic: hex64Of("nobody's"),
      })),
  },
  "a promotion is answered and not written": {
    seenBy: "every key is turned when it is due",
    setup: UNDISTURBED,
    breaks: ({ world }) =>
      world.functions.replaced.set("rotation/promote-successor", () => async () => ({ generation: 2 })),
  },
  "mails are noted as sent, and are not": {
    seenBy: "nothing goes wrong in silence",
    setup: ALTERED,
    breaks: ({ world }) => {
      world.mail.send = async () => undefined;
    },
  },
  "the watch finds no records": {
    seenBy: TOLD,
    setup: ALTERED,
    breaks: ({ world }) => {
      world.registry.listPage = async () => ({ records: [] });
    },
  },
  "the opening of a finding is not announced": {
    seenBy: "every finding is told",
    setup: ALTERED,
    breaks: ({ world }) => {
      const { write } = world.findings;
      world.findings.write = ({ announcedAt: _, ...finding }, before) => write(finding, before);
    },
  },
  "the audit line of a promotion is lost": {
    seenBy: "every promotion and every retirement has its audit line, once, and the lines are chained",
    setup: UNDISTURBED,
    breaks: ({ world }) => {
      const { promote } = world.registry;
      world.registry.promote = async (id, change) => {
        const promoted = await promote(id, change);
        alter(world, (record) => Object.assign(record, { auditDue: [] }));
        await looks(world);
        return promoted && { pushes: promoted.pushes };
      };
    },
  },
  "each mail is sent twice": {
    seenBy: "nobody is told the same twice, but where who told it was struck",
    setup: ALTERED,
    breaks: ({ world }) => {
      const { send } = world.mail;
      world.mail.send = async (subject, text) => {
        await send(subject, text);
        await send(subject, text);
      };
    },
  },
  "a step logs the nonce": {
    seenBy: "no key and no nonce is anywhere but in its file, its record and its ticket",
    setup: UNDISTURBED,
    breaks: ({ world }) =>
      after(world, "rotation/derive-successor", () =>
        world.journal.info(`the nonce is ${[...world.ledger.nonces].at(-1)}`),
      ),
  },
  "a finding never ends": {
    seenBy: MENDED,
    setup: ALTERED,
    breaks: ({ world }) => {
      const { write } = world.findings;
      world.findings.write = ({ endedAt: _, ...finding }, before) => write(finding, before);
    },
  },
  ...BUGS_OF_CREDENTIALS,
};

/** What is kept of a record that is retired. */
function keepsInTombstones({ registry }: World, kept: object): void {
  const { retire } = registry;
  registry.retire = async (id, change) => {
    const retired = await retire(id, change);
    const record = registry.records.get(id);
    if (record !== undefined) registry.records.set(id, { ...record, ...kept });
    return retired;
  };
}
