import assert from "node:assert/strict";
import { judgeOf } from "../../functions/clients/authorities.ts";
import { isUrgent } from "../../functions/credential/is-urgent.ts";
import { readLogin } from "../../functions/credential/secret-value.ts";
import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import { auditFaults } from "../../protocol/index.ts";
import type { Account } from "./account.ts";
import type { Invariant } from "./invariant.ts";
import { placeOfAny } from "./stands-in.ts";

/** What holds of credentials at every moment, as long as nobody alters a side's own data. */
export const OF_CREDENTIALS: Invariant[] = [
  {
    name: "the current version of a secret is honoured, once it was",
    async holds(account, looked) {
      if (!looked.credentials) return;
      for (const { settings, record } of credentialsOf(account)) {
        const { current } = (await account.secrets.stages(settings.name)) ?? {};
        if (record?.current === undefined && record?.confirmed?.versionId !== current) continue;
        const login = readLogin(current && (await account.secrets.read(settings.name, current)), settings);
        if (account.revoked.has(current ?? "") || account.revoked.has(login?.password ?? "")) continue;
        const [writer] = login === undefined ? [] : await judgeOf(settings, account.authorities).accepts(login);
        const says = writer?.says ?? "without a value";
        // Who is away refuses nobody.
        if (says === "UNREACHABLE") continue;
        assert.equal(says, "ACCEPTED", `${settings.name}: its current version ${current} is ${says}`);
      }
    },
  },
  {
    name: "a credential that a consumer holds is honoured",
    async holds({ consumers, authorities, credentialSettings, credentials, forced, revoked, clock }, looked) {
      if (!looked.credentials) return;
      for (const { name, held, secret, habit } of consumers) {
        const settings = credentialSettings.find((one) => one.name === secret);
        if (held === undefined || settings === undefined || forced.has(secret)) continue;
        if (forced.has(held.password) || revoked.has(held.password)) continue;
        // A token ends by itself, whoever holds it.
        const kept = settings.kind === "token" ? authorities.issuerOf(settings).tokens.get(held.password) : undefined;
        if (kept !== undefined && kept.endsAt <= clock.now()) continue;
        // With one token a key, one that nobody leaves ends when all others would be without one soon.
        const { current, predecessor } = credentials.records.get(secret) ?? {};
        const isOld = ![current?.versionId, predecessor?.versionId].includes(held.versionId);
        const mayEnd = isOld || isUrgent({ ...(current && { current }) }, clock.now());
        if (settings.kind === "token" && settings.tokensPerKey === "one" && habit === "holds" && mayEnd) continue;
        // Past a current token that is refused it is turned whoever is behind; who uses the one before that is looked for no more.
        if (settings.kind === "token" && isOld && revoked.size > 0) continue;
        const [answer] = await judgeOf(settings, authorities).accepts(held);
        assert(answer?.says !== "REFUSED", `${name} holds the version ${held.versionId}, which is refused`);
      }
    },
  },
  {
    name: "a version of a secret has one value",
    async holds({ secrets, credentialSettings, ledger }, looked) {
      if (!looked.credentials) return;
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
          assert(isHeld, `${settings.name}: ${record.predecessor.user} is not retired, and nobody uses it`);
        }
        if (record?.current === undefined || record.predecessor !== undefined || settings.kind === "token") continue;
        const former: string = settings.users.find((user) => user !== record.current?.user) ?? "";
        const [writer] = settings.hosts;
        const kept = account.authorities.of(settings).servers.get(writer)?.users.get(former);
        assert(!kept?.password, `${settings.name}: ${former} is retired, and has a password`);
      }
    },
  },
  {
    name: "no token is forgotten that is honoured, but one that was lost on its way to the secret",
    async holds(account) {
      for (const { settings, record } of credentialsOf(account)) {
        if (settings.kind === "database" || settings.revocationUrl === undefined) continue;
        const { tokens, honours } = account.authorities.issuerOf(settings);
        const known = await tokensIn(account, settings, [
          ...[record?.current?.versionId, record?.predecessor?.versionId],
          ...(record?.issued ?? []),
        ]);
        const kept = new Set(account.secrets.everyValue().map((value) => readLogin(value, settings)?.password));
        const unknown = [...tokens.keys()].filter((token) => honours(token) && !known.includes(token));
        const forgotten = unknown.filter((token) => kept.has(token));
        assert.deepEqual(forgotten, [], `${settings.name}: tokens are honoured that nobody remembers`);
        const lost = account.calls.struck.filter((caller) => caller === "credential/push-to-authority").length;
        assert(unknown.length <= lost, `${settings.name}: ${unknown.join(", ")} was lost, and nobody was struck`);
      }
    },
  },
  {
    name: "a former token is refused once all have moved",
    async holds(account) {
      for (const { settings, record } of credentialsOf(account)) {
        if (settings.kind === "database" || settings.revocationUrl === undefined) continue;
        if (record?.current === undefined || record.predecessor !== undefined) continue;
        const { honours } = account.authorities.issuerOf(settings);
        const retired = account.audit.lying
          .filter(({ act, subject }) => act === "retired" && subject === settings.name)
          .map(({ details }) => JSON.parse(details).versionId);
        for (const token of await tokensIn(account, settings, retired)) {
          assert(!honours(token), `${settings.name}: ${token} is retired, and honoured`);
        }
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
    name: "no password or token is anywhere but in its secret, at its consumers and at its authority",
    async holds(account) {
      const { secrets, credentials, credentialSettings, authorities } = account;
      if (credentialSettings.length === 0) return;
      const text = account.everythingWritten() + JSON.stringify([...credentials.records.values()]);
      const words = secrets.everyValue().flatMap((value) => {
        const { password, access_token } = JSON.parse(value);
        return [password ?? access_token ?? []].flat();
      });
      for (const settings of credentialSettings) {
        if (settings.kind === "token") words.push(...authorities.issuerOf(settings).tokens.keys());
      }
      const at = placeOfAny(words, text);
      assert(at === -1, `a password or a token stands in the open: ${text.slice(Math.max(0, at - 200), at)}`);
    },
  },
];

function credentialsOf({ credentialSettings, credentials }: Account) {
  return credentialSettings.map((settings) => ({ settings, record: credentials.records.get(settings.name) }));
}

/** The tokens that versions hold. */
async function tokensIn(
  { secrets }: Account,
  settings: CredentialSettings,
  versions: readonly (string | undefined)[],
): Promise<string[]> {
  const values = await Promise.all(versions.map((version) => version && secrets.read(settings.name, version)));
  return values.flatMap((value) => readLogin(value, settings)?.password ?? []);
}
