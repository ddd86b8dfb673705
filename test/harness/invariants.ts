import assert from "node:assert/strict";
import { type InstanceRecord, isRetired, type SealedKey, type StoredRecord } from "../../functions/record/record.ts";
import { auditFaults } from "../../protocol/index.ts";
import type { Account } from "./account.ts";
import { everything, type Looked } from "./changes.ts";
import { OF_CREDENTIALS, OF_CREDENTIALS_AT_THE_END } from "./credential-invariants.ts";
import { keysIn, OF_EXPOSED_KEYS, OF_EXPOSED_KEYS_ALWAYS } from "./exposed-key-invariants.ts";
import type { Host } from "./host.ts";
import type { Invariant } from "./invariant.ts";
import { placeOfAny } from "./stands-in.ts";

/** What holds at every moment (docs/architecture.md): looked at after each call that took effect. */
export const AT_EVERY_MOMENT: Invariant[] = [
  ...OF_CREDENTIALS,
  ...OF_EXPOSED_KEYS_ALWAYS,
  {
    name: "no host is locked out",
    async holds(account, { pairs }) {
      for (const { host, file, record } of pairs) {
        const { id, rekey } = record;
        if (isExcepted(account, host, record) && !standsSince(account, host, record)) continue;
        const held = keysOf(record).find(({ generation }) => generation === file?.generation);
        if (held && account.ledger.keyOf.get(held.ciphertext) === file?.key) continue;
        // It needs no key to be rekeyed: by a ticket that nobody has answered, or nobody but itself.
        const isAbove = rekey !== undefined && rekey.generation > (file?.generation ?? 0);
        const canAnswer = rekey?.agreed === undefined || (await host.holdsPairOf(rekey.agreed.agentPublic));
        if ((!isAbove || !canAnswer) && (await isAnsweredByAnother(account, host, record))) continue;
        const what = file === undefined ? "holds no key" : `holds a key of generation ${file.generation}`;
        assert(isAbove && canAnswer, `${id} ${what} that its record does not know, and no rekey that it can answer`);
      }
    },
  },
  {
    name: "nothing is promoted that the host does not hold",
    async holds(account, { pairs }) {
      for (const { host, file, record } of pairs) {
        if (file === undefined || isExcepted(account, host, record)) continue;
        const { generation } = record.current;
        if (generation > file.generation && (await isAnsweredByAnother(account, host, record))) continue;
        assert(generation <= file.generation, `${file.id} is at ${generation}, its host at ${file.generation}`);
      }
    },
  },
  {
    name: "a generation has one successor",
    holds({ ledger, restored }, { records }) {
      const once = (what: string, value: string) =>
        assert.equal(ledger.note(what, value) ?? value, value, `${what} has two successors`);
      for (const record of live(records)) {
        const { id, rekey } = record;
        for (const { generation, nonce, ciphertext } of keysOf(record)) {
          once(`the nonce of ${id} ${generation}`, nonce);
          // A record that was put back to before a rekey may come to the same generation by a turn; its nonce is the same.
          if (generation <= (restored.get(id) ?? 0)) continue;
          once(`${id} ${generation}`, `${ledger.keyOf.get(ciphertext)}`);
        }
        if (rekey !== undefined) once(`${id} ${rekey.generation}, by its rekey,`, rekey.nonce);
      }
    },
  },
  {
    name: "no generation goes back",
    async holds({ ledger, restored }, { records, hosts }) {
      const forward = (who: string, generation: number) =>
        assert((ledger.note(who, generation) ?? 0) <= generation, `${who} went back to ${generation}`);
      for (const { id, current } of live(records)) {
        if (current.generation >= (restored.get(id) ?? 0)) forward(`record ${id}`, current.generation);
      }
      for (const host of hosts) {
        const lasting = await host.lastingKeyFile();
        if (lasting !== undefined) forward(`host ${lasting.id} ${host.alteredAt ?? ""}`, lasting.generation);
      }
    },
  },
  {
    name: "an EC2 instance has one active record at the most",
    holds({ registry }, { records }) {
      if (records.length === 0) return;
      const active = live([...registry.records.values()]).filter(({ status }) => status !== "NEW");
      const hosts = new Set(active.map(({ ec2InstanceId }) => ec2InstanceId));
      assert.equal(active.length, hosts.size, `two active records: ${active.map(({ id }) => id).join(", ")}`);
    },
  },
  {
    name: "a retired record holds no key",
    holds(_, { records }) {
      for (const record of records) {
        if (isRetired(record)) assert(!JSON.stringify(record).includes("ciphertext"), `${record.id} holds a key`);
      }
    },
  },
  {
    name: "a retired record holds no rekey",
    holds(_, { records }) {
      for (const record of records) {
        if (isRetired(record)) assert(!("rekey" in record), `${record.id} holds a rekey`);
      }
    },
  },
];

/** What holds when the outage is over, the schedule has come round, and everything is at rest. */
export const AT_THE_END: Invariant[] = [
  ...OF_CREDENTIALS_AT_THE_END,
  ...OF_EXPOSED_KEYS,
  {
    name: "every execution ends in its time",
    holds({ flows }) {
      const late = flows.all().filter(({ status }) => status === "RUNNING" || status === "TIMED_OUT");
      assert.deepEqual(
        late.map(({ arn, status }) => `${arn} ${status}`),
        [],
      );
    },
  },
  {
    name: "every host is registered, under one live record",
    async holds(account) {
      for (const host of account.hosts.values()) {
        if (host.state === "terminated") continue;
        const file = await host.keyFile();
        const records = live([...account.registry.records.values()]).filter(
          (one) => one.ec2InstanceId === host.ec2InstanceId,
        );
        assert.deepEqual(
          records.map(({ id }) => id),
          [file?.id],
          `${host.ec2InstanceId} holds a key of ${file?.id}`,
        );
        const owner = account.registry.owners.get(host.ec2InstanceId);
        assert.equal(owner?.holder, file?.id, `the owner item of ${host.ec2InstanceId} names another`);
      }
    },
  },
  {
    name: "every key is turned when it is due",
    holds(account, { pairs }) {
      for (const { file, record } of pairs) {
        const { id, dueAt, pending, rekey, current } = record;
        if (record.status !== "ACTIVE") continue;
        assert(dueAt > account.clock.now() && pending === undefined, `${id} is due, at ${current.generation}`);
        assert(rekey === undefined, `the rekey of ${id} stands still`);
        assert.equal(file?.generation, current.generation, `${id}: its host holds another generation`);
      }
    },
  },
  {
    name: "nothing goes wrong in silence",
    holds({ flows, mail, calls, findings }) {
      // Where each of Lambda's attempts was struck, its event waits in a queue, of which an alarm tells.
      if (calls.struck.filter((caller) => caller === "life/follow-execution").length >= 3) return;
      for (const { name, flow, type, status, error, input } of flows.all()) {
        // A registration is asked for by an agent, which goes on asking; alarms count those that fail.
        if (status === "SUCCEEDED" || status === "RUNNING" || type === "EXPRESS") continue;
        // What goes wrong with an instance, or with what is done for all, is told once while it stands.
        const { id, secret } = JSON.parse(input);
        const subject = id ?? secret ?? (flow === "fleet-rotation" ? "fleet" : flow);
        // What goes wrong with an exposed key is told of the key, of what the event names besides it of the execution.
        const subjects = flow === "exposed-key" ? [flow, name, ...keysIn(input)] : [subject];
        const isOfStorm = [...findings.all.values()].some((one) => subjects.includes(one.subject) && one.ofStorm);
        // A mail's subject is cut, and its text has the link to the execution whole.
        const tells = (one: { subject: string; text: string }) =>
          subjects.some((about) => one.subject.includes(about)) || (flow === "exposed-key" && one.text.includes(name));
        const told = isOfStorm || mail.sent.some(tells);
        assert(told, `${name} ended ${status} with ${error}, and nobody was told`);
      }
    },
  },
  {
    name: "every finding is told",
    holds({ findings }) {
      for (const {
        subject,
        cause,
        times,
        announcedAt,
        toldAt,
        ofStorm,
        endedAt,
        endAnnouncedAt,
      } of findings.all.values()) {
        // What never stood only remembers.
        if (times === 0) continue;
        const about = `${cause} on ${subject}`;
        assert(announcedAt !== undefined && (toldAt !== undefined || ofStorm), `nobody was told of ${about}`);
        assert(endedAt === undefined || endAnnouncedAt !== undefined, `the end of ${about} is not on the bus`);
      }
    },
  },
  {
    name: "every promotion and every retirement has its audit line, once, and the lines are chained",
    holds({ registry, audit, restored }) {
      for (const record of registry.records.values()) {
        const { id, auditDue = [] } = record;
        const lines = audit.lying.filter(({ subject }) => subject === id);
        assert.deepEqual(auditFaults({ lines, seals: [] }), []);
        const acts = [...lines, ...auditDue].map(({ act, details }) => ({ act, ...JSON.parse(String(details)) }));
        const retired = acts.filter(({ act }) => act === "retired").length;
        // One that was put back from a backup after its retirement is retired once more.
        const most = restored.has(id) ? retired : 1;
        if (isRetired(record)) assert(retired >= 1 && retired <= most, `${id} has ${retired} lines of its retirement`);
        else
          assert.equal(
            generationBy(acts, id, restored.has(id)),
            record.current.generation,
            `${id}: lines of its promotions`,
          );
      }
    },
  },
  {
    name: "nobody is told the same twice, but where who told it was struck",
    holds({ mail, calls }) {
      const most = calls.struck.some((caller) => calls.made.includes(`${caller}: mail.send`)) ? 2 : 1;
      const times = new Map<string, number>();
      for (const { subject, text } of mail.sent) {
        const since = /^Since: +([^(\n]+)/m.exec(text)?.[1];
        // What gathers what stands comes each day.
        if (since === undefined) continue;
        // Of an exposed key each execution tells what it has done.
        const by = text.includes("once for each execution") ? /\S+:execution:\S+/.exec(text)?.[0] : "";
        const what = `${subject}, since ${since}${by}`;
        times.set(what, (times.get(what) ?? 0) + 1);
      }
      for (const [what, count] of times) assert(count <= most, `told ${count} times: ${what}`);
    },
  },
  {
    name: "no key and no nonce is anywhere but in its file, its record and its ticket",
    holds(account) {
      const secrets = [...account.ledger.keyOf.values(), ...account.ledger.nonces];
      if (secrets.length === 0) return;
      const text = account.everythingWritten();
      const at = placeOfAny(secrets, text);
      assert(at === -1, `a key or a nonce stands in the open: ${text.slice(Math.max(0, at - 200), at)}`);
      const known = new Set(secrets);
      const bare = account.timeSeries.everything().find(({ hash }) => known.has(hash));
      assert(bare === undefined, `a key or a nonce lies in the time series, as of ${bare?.timeMs}`);
    },
  },
];

/**
 * @param looked what of the account is looked at; all of it where nothing is said
 * @throws Error that names each invariant that does not hold, and says why
 */
export async function holdAll(invariants: Invariant[], account: Account, looked?: Looked): Promise<void> {
  const at = looked ?? (await everything(account));
  const failed: string[] = [];
  for (const { name, holds } of invariants) {
    try {
      await holds(account, at);
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (failed.length > 0) throw new Error(failed.join("; "));
}

/**
 * The generation that the lines of its promotions lead to, of which each is of a change, and each change has one.
 *
 * @throws Error for a line that leads from where the record was not
 */
function generationBy(
  acts: { act: string; generation: number; from?: number }[],
  id: string,
  wasPutBack: boolean,
): number {
  let at = 1;
  for (const { act, generation, from } of acts) {
    const isOfChange = ["promoted", "rekeyed", "brought-forward"].includes(act);
    if (!isOfChange) continue;
    const leadsOn = {
      // A record that was put back from a backup, with a key that was pending then, is promoted to it once more.
      promoted: generation === at + 1 || (wasPutBack && generation <= at),
      rekeyed: generation > at,
      // Only a record that was put back from a backup is behind its instance, and its lines go further than itself.
      "brought-forward": from !== undefined && from <= at && generation > from,
    }[act];
    assert(leadsOn, `${id}: lines of its promotions: ${act} to ${generation}, at ${at}`);
    at = generation;
  }
  return at;
}

function keysOf({ current, pending, rekey }: Pick<InstanceRecord, "current" | "pending" | "rekey">): SealedKey[] {
  return [current, ...(pending ? [pending] : []), ...(rekey?.agreed ? [{ ...rekey, ...rekey.agreed }] : [])];
}

/** Whether somebody has altered what the host or the record holds, which was not mended yet. */
function isExcepted(
  { restored }: Account,
  { alteredAt }: Host,
  { id, current, rekeyedAt = 0 }: InstanceRecord,
): boolean {
  return rekeyedAt < (alteredAt ?? 0) || current.generation < (restored.get(id) ?? 0);
}

/** Whether a rekey stands that was opened after the side was altered, or that the host has yet to answer. */
function standsSince({ restored }: Account, { alteredAt = 0 }: Host, { id, rekey }: InstanceRecord): boolean {
  if (rekey === undefined || rekey.generation <= (restored.get(id) ?? 0)) return false;
  return rekey.agreed === undefined || alteredAt <= rekey.openedAt;
}

/**
 * Whether somebody with the credentials of a host has answered its ticket before it did, and holds the key that its record
 * knows: people are told, and a rekey that is anew mends it.
 */
async function isAnsweredByAnother(
  { others, ledger }: Account,
  { ec2InstanceId }: Host,
  record: InstanceRecord,
): Promise<boolean> {
  const known = keysOf(record).map(({ ciphertext }) => ledger.keyOf.get(ciphertext));
  const { agreed } = record.rekey ?? {};
  for (const other of others) {
    if (other.ec2InstanceId !== ec2InstanceId || !other.wasAskedToTurn) continue;
    if (known.includes((await other.keyFile())?.key)) return true;
    if (agreed !== undefined && (await other.holdsPairOf(agreed.agentPublic))) return true;
  }
  return false;
}

function live(records: StoredRecord[]): InstanceRecord[] {
  return records.filter((record) => !isRetired(record)) as InstanceRecord[];
}
