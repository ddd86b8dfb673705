import { fakeAudit } from "../../../functions/clients/audit.fake.ts";
import { fakeAuthorities } from "../../../functions/clients/authorities.fake.ts";
import type { FakeAuthority } from "../../../functions/clients/authority.fake.ts";
import { fakeBus } from "../../../functions/clients/bus.fake.ts";
import { fakeCredentials } from "../../../functions/clients/credentials.fake.ts";
import { fakeExecutions } from "../../../functions/clients/executions.fake.ts";
import { fakeFindings } from "../../../functions/clients/findings.fake.ts";
import type { FakeIssuer } from "../../../functions/clients/issuer.fake.ts";
import { fakeMail } from "../../../functions/clients/mail.fake.ts";
import { fakeRegistry } from "../../../functions/clients/registry.fake.ts";
import { fakeSecrets } from "../../../functions/clients/secrets.fake.ts";
import { fakeUses } from "../../../functions/clients/uses.fake.ts";
import { type CredentialRecord, type Life, newRecord } from "../../../functions/credential/record.ts";
import { readLogin, writeToken, writeValue } from "../../../functions/credential/secret-value.ts";
import {
  type CredentialSettings,
  type DatabaseCredential,
  TOKENS,
  type TokenCredential,
} from "../../../functions/shared/credential-settings.ts";
import { useProof } from "../../../protocol/index.ts";
import { collectingJournal, EC2, NOW, SKEW_MS, seededRandom } from "../support.ts";

export const SECRET = "orders/db";
/** Versions of the secret, by the tokens of the requests for them: the first, the one after it, and one more. */
export const FIRST = "11111111-1111-4111-8111-111111111111";
export const TOKEN = "22222222-2222-4222-8222-222222222222";
export const THIRD = "33333333-3333-4333-8333-333333333333";
export const CREDENTIAL_EXECUTION =
  "arn:aws:states:us-east-1:000000000000:execution:keyturn-credential:orders-db-2222-1";
export const QUIET_MS = 3_900_000;
export const DEADLINE_MS = 24 * 3_600_000;

export const WRITER = "db-1.example";
export const READER = "db-2.example";

export const CREDENTIAL: DatabaseCredential = {
  name: SECRET,
  kind: "database",
  engine: "postgres",
  hosts: [WRITER, READER],
  port: 5432,
  dbname: "orders",
  owner: "orders",
  users: ["orders_a", "orders_b"],
  manager: { secret: "orders/manager" },
  consumers: [
    { name: "web", seenBy: "proofs" },
    { name: "pool", seenBy: "sessions" },
  ],
  quietSeconds: QUIET_MS / 1000,
  deadlineSeconds: DEADLINE_MS / 1000,
  tls: "none",
};

/** The password of a version, which stands nowhere but in its value. */
export const passwordOf = (version: string) => `password of ${version}`;

/**
 * Everything that steps of credentials are given, on the fakes, whatever the kind of the credential. The clock is set by hand.
 *
 * @param tokenOf what is proved by whoever uses a version: its password or token
 */
function worldAround<Settings extends CredentialSettings>(credential: Settings, tokenOf: (version: string) => string) {
  const { name } = credential;
  const clock = { at: NOW };
  const now = () => clock.at;
  const credentials = fakeCredentials();
  const uses = fakeUses();
  return {
    clock,
    now,
    random: seededRandom(),
    skewMs: SKEW_MS,
    credential,
    credentialSettings: [credential] as CredentialSettings[],
    secrets: fakeSecrets(),
    credentials,
    uses,
    authorities: fakeAuthorities(undefined, now),
    audit: fakeAudit(),
    bus: fakeBus(),
    findings: fakeFindings(),
    mail: fakeMail(),
    registry: fakeRegistry(),
    executions: fakeExecutions(),
    journal: collectingJournal(),

    /** The record, as it stands. */
    record: async (): Promise<CredentialRecord> => (await credentials.find(name)) ?? { ...newRecord(name), version: 0 },

    /** Alters the record; what is undefined is taken out of it. */
    async note(change: { [Field in keyof CredentialRecord]?: CredentialRecord[Field] | undefined }): Promise<void> {
      const before = await credentials.find(name);
      const fields = Object.entries({ ...(before ?? newRecord(name)), ...change });
      const next = Object.fromEntries(fields.filter(([, value]) => value !== undefined));
      await credentials.write(next as unknown as CredentialRecord, before);
    },

    /** A consumer proves that it uses a version, at this moment unless something else is said. */
    prove(
      versionId: string,
      consumer = "web",
      { timeMs = clock.at, ec2InstanceId = EC2, credential: word = tokenOf(versionId) } = {},
    ) {
      const use = { secret: name, versionId, consumer, timeMs };
      uses.write({ ...use, ec2InstanceId, proof: useProof({ ...use, credential: word }) });
    },
  };
}

/** One credential of a database: its first version, of `orders_a`, is current and accepted, and its second one is asked for and has no value yet. */
export async function credentialWorld(changes: Partial<DatabaseCredential> = {}) {
  const around = worldAround<DatabaseCredential>({ ...CREDENTIAL, ...changes }, passwordOf);
  const { clock, credential, secrets, authorities } = around;
  const authority = authorities.of(credential) as FakeAuthority;
  const [userA, userB] = credential.users;
  const valueFor = (version: string, user: string) =>
    writeValue({ user, password: passwordOf(version) }, credential, undefined);

  secrets.create(SECRET, FIRST, valueFor(FIRST, userA));
  await authority.honour({ user: userA, password: passwordOf(FIRST) }, async () => true);
  authority.catchUp();
  secrets.begin(SECRET, TOKEN);

  return {
    ...around,
    authority,
    valueFor,

    /** The second version, of `orders_b`, is set, promoted and noted at this moment; the first one's user waits to be retired. */
    async turn(): Promise<void> {
      const login = { user: userB, password: passwordOf(TOKEN) };
      await secrets.putPending(SECRET, TOKEN, valueFor(TOKEN, userB));
      await authority.honour(login, async () => true);
      authority.catchUp();
      await secrets.promote(SECRET, TOKEN, { from: FIRST });
      await around.note({
        current: { versionId: TOKEN, user: userB, since: clock.at, execution: CREDENTIAL_EXECUTION },
        predecessor: { versionId: FIRST, user: userA, announced: [] },
        confirmed: { versionId: TOKEN, user: userB, at: clock.at },
      });
    },

    /** A session is open on the writer, since this moment unless something else is said; without an address, not over a network. */
    connect(
      user: string,
      application: string,
      { host = WRITER, address = "10.0.0.4" as string | null, since = clock.at } = {},
    ) {
      authority.servers.get(host)?.uses.push({ user, application, address: address ?? undefined, since });
    },

    /** All sessions end. */
    disconnect(): void {
      for (const server of authority.servers.values()) server.uses = [];
    },
  };
}

export type CredentialWorld = Awaited<ReturnType<typeof credentialWorld>>;

export const API_SECRET = "shop/api-token";
export const LIFETIME_MS = 4 * 24 * 3_600_000;

export const TOKEN_CREDENTIAL: TokenCredential = {
  name: API_SECRET,
  kind: "token",
  users: TOKENS,
  tokenUrl: "https://login.example/oauth2/token",
  revocationUrl: "https://login.example/oauth2/revoke",
  probeUrl: "https://api.example/me",
  keys: ["shop/api-key-a", "shop/api-key-b"],
  tokensPerKey: "one",
  lifetimeSeconds: LIFETIME_MS / 1000,
  consumers: [
    { name: "web", seenBy: "proofs" },
    { name: "batch", seenBy: "proofs" },
  ],
  quietSeconds: QUIET_MS / 1000,
  deadlineSeconds: DEADLINE_MS / 1000,
};

/** The kinds of issuers that there are: two keys with one token each, and one or two keys with many. */
export const ISSUERS: { what: string; changes: Partial<TokenCredential> }[] = [
  { what: "one token a key", changes: { tokensPerKey: "one" } },
  { what: "many tokens a key, two keys", changes: { tokensPerKey: "many" } },
  { what: "many tokens of one key", changes: { tokensPerKey: "many", keys: ["shop/api-key"] } },
];

/**
 * One token: its first version, `token_a`, was issued and promoted at this moment, as the record says, and its second one is
 * asked for and has no value yet.
 *
 * @param changes of the settings
 */
export async function tokenWorld(changes: Partial<TokenCredential> = {}) {
  /** By the IDs of versions. */
  const issued = new Map<string, string>();
  const tokenOf = (version: string): string => {
    const token = issued.get(version);
    if (token === undefined) throw new Error(`no token was issued for ${version}`);
    return token;
  };
  const around = worldAround<TokenCredential>({ ...TOKEN_CREDENTIAL, ...changes }, tokenOf);
  const { clock, credential, secrets, authorities } = around;
  const { name } = credential;
  const issuer = authorities.issuerOf(credential) as FakeIssuer;
  const [tokenA, tokenB] = credential.users;

  /** Has a token issued at this moment, as the value of a version. */
  async function issueFor(version: string, user: string): Promise<{ value: string; life: Life }> {
    const from = clock.at;
    const { token, lifetimeSeconds } = (await issuer.issue(user, async () => true)) ?? {};
    if (token === undefined) throw new Error("the issuer gave none");
    issued.set(version, token);
    const life = { from, to: from + (lifetimeSeconds ?? credential.lifetimeSeconds) * 1000 };
    return { value: writeToken({ user, password: token }, life, undefined), life };
  }

  const first = await issueFor(FIRST, tokenA);
  secrets.create(name, FIRST, first.value);
  secrets.begin(name, TOKEN);
  await around.note({
    current: { versionId: FIRST, user: tokenA, life: first.life, since: clock.at, execution: "before" },
  });

  return {
    ...around,
    issuer,
    issueFor,
    /** The token that was issued for a version. */
    tokenOf,

    /** The second version, `token_b`, is issued, promoted and noted at this moment; the first one waits to be retired. */
    async turn(): Promise<void> {
      const { value, life } = await issueFor(TOKEN, tokenB);
      await secrets.putPending(name, TOKEN, value);
      await secrets.promote(name, TOKEN, { from: FIRST });
      const { current } = await around.record();
      const former = { versionId: FIRST, user: tokenA, ...(current?.life && { life: current.life }) };
      await around.note({
        current: { versionId: TOKEN, user: tokenB, life, since: clock.at, execution: CREDENTIAL_EXECUTION },
        predecessor: { ...former, announced: [] },
        confirmed: { versionId: TOKEN, user: tokenB, life, at: clock.at, former },
      });
    },

    /** Whether the token of a version is honoured. */
    honours: (version: string): boolean => issuer.honours(tokenOf(version)),

    /** Somebody revokes the token of a version, behind Keyturn's back. */
    revoke(version: string): void {
      const kept = issuer.tokens.get(tokenOf(version));
      if (kept !== undefined) kept.isRevoked = true;
    },

    /** The token that a version holds; undefined where it has no value, or it is no token. */
    async tokenIn(version: string): Promise<string | undefined> {
      return readLogin(await secrets.read(name, version), credential)?.password;
    },
  };
}

export type TokenWorld = Awaited<ReturnType<typeof tokenWorld>>;
