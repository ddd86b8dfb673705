import assert from "node:assert/strict";
import type { CredentialSettings, DatabaseCredential } from "../../functions/shared/credential-settings.ts";
import { auditFaults } from "../../protocol/index.ts";
import type { Account } from "./account.ts";
import type { Invariant } from "./invariant.ts";

/** What holds of credentials at every moment, as long as nobody alters a side's own data. */
export const OF_CREDENTIALS: Invariant[] = [
  {
    name: "the current version of a secret is honoured, once it was",
    async holds(account) {
      for (const { settings, record } of credentialsOf(account)) {
        const { current } = (await account.secrets.stages(settings.name)) ?? {};
        if (record?.current === undefined && record?.confirmed?.versionId !== current) continue;
        const says = await saysWriter(account, settings, current);
        assert.equal(says, "ACCEPTED", `${settings.name}: its current version ${current} is ${says}`);
      }
    },
  },
  {
    name: "a credential that a consumer holds is honoured",
    async holds({ consumers, authorities, credentialSettings, forced }) {
      for (const { name, held, secret } of consumers) {
        const settings = databasesOf(credentialSettings).find((one) => one.name === secret);
        if (held === undefined || settings === undefined || forced.has(secret)) continue;
        const [answer] = await authorities.of(settings).accepts(held);
        assert(answer?.says !== "REFUSED", `${name} holds the version ${held.versionId}, which is refused`);
      }
    },
  },
  {
    name: "a version of a secret has one value",
    async holds({ secrets, credentialSettings, ledger }) {
      for (const { name } of credentialSettings) {
        const { current, pending } = (await secrets.stages(name)) ?? {};
        for (const version of [current, pending]) {
          const value = version && (await secrets.read(name, version));
          if (!version || !value) continue;
          assert.equal(ledger.note(`${name} ${version}`, value) ?? value, value, `${version} has two values`);
        }
      }
    },
  },
];

/** What holds of credentials when everything is at rest. */
export const OF_CREDENTIALS_AT_THE_END: Invariant[] = [
  {
    name: "no consumer was refused",
    holds({ consumers, forced }) {
      for (const { refused, secret } of consumers) if (!forced.has(secret)) assert.deepEqual(refused, []);
    },
  },
  {
    name: "a secret is free for its next rotation",
    async holds({ secrets, credentialSettings }) {
      for (const { name } of credentialSettings) {
        const { current, pending } = (await secrets.stages(name)) ?? {};
        assert(pending === undefined || pending === current, `${name}: ${pending} is pending still`);
      }
    },
  },
  {
    name: "a former user is shut once all have moved, and only then",
    async holds(account) {
      for (const { settings, record } of credentialsOf(account)) {
        const isHeld = account.consumers.some(({ held }) => held && held.user === record?.predecessor?.user);
        if (record?.predecessor !== undefined) {
          assert(isHeld, `${settings.name}: ${record.predecessor.user} is not retired, and nobody uses him`);
        }
        if (record?.current === undefined || record.predecessor !== undefined) continue;
        const former = settings.users.find((user) => user !== record.current?.user) ?? "";
        const [writer] = settings.hosts;
        const kept = account.authorities.of(settings).servers.get(writer)?.users.get(former);
        assert(!kept?.password, `${settings.name}: ${former} is retired, and has a password`);
      }
    },
  },
  {
    name: "each promotion of a credential has its audit line, once, and the lines are chained",
    async holds(account) {
      for (const { settings, record } of credentialsOf(account)) {
        const lines = account.audit.lying.filter(({ subject }) => subject === settings.name);
        assert.deepEqual(auditFaults({ lines, seals: [] }), []);
        assert.deepEqual(record?.auditDue ?? [], [], `${settings.name}: lines are due`);
        const promoted = lines.filter(({ act }) => act === "promoted").map(({ details }) => JSON.parse(details).token);
        assert.equal(new Set(promoted).size, promoted.length, `${settings.name}: a promotion has two lines`);
        const { current } = record ?? {};
        if (current === undefined || current.execution === "before") continue;
        assert.equal(promoted.at(-1), current.versionId, `${settings.name}: its promotion has no line`);
      }
    },
  },
  {
    name: "no password is anywhere but in its secret, at its consumers and at its authority",
    async holds(account) {
      const { secrets, audit, findings, credentials } = account;
      const kept = [audit.lying, [...findings.all.values()], [...credentials.records.values()]];
      const text = account.everythingWritten() + JSON.stringify(kept);
      for (const value of secrets.everyValue()) {
        const { password } = JSON.parse(value);
        const at = text.indexOf(password);
        assert(at === -1, `a password stands in the open: ${text.slice(Math.max(0, at - 200), at)}`);
      }
    },
  },
];

const databasesOf = (all: readonly CredentialSettings[]) => all.filter((one) => one.kind === "database");

function credentialsOf({ credentialSettings, credentials }: Account) {
  return databasesOf(credentialSettings).map((settings) => ({
    settings,
    record: credentials.records.get(settings.name),
  }));
}

/** What the server that is written to says of a version's login. */
async function saysWriter(
  { secrets, authorities }: Account,
  settings: DatabaseCredential,
  version: string | undefined,
): Promise<string> {
  const value = version && (await secrets.read(settings.name, version));
  if (!value) return "without a value";
  const { username: user, password } = JSON.parse(value);
  const [answer] = await authorities.of(settings).accepts({ user, password });
  return answer?.says ?? "";
}
