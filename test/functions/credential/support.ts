import { fakeAudit } from "../../../functions/clients/audit.fake.ts";
import { fakeAuthorities } from "../../../functions/clients/authorities.fake.ts";
import type { FakeAuthority } from "../../../functions/clients/authority.fake.ts";
import { fakeBus } from "../../../functions/clients/bus.fake.ts";
import { fakeCredentials } from "../../../functions/clients/credentials.fake.ts";
import { fakeExecutions } from "../../../functions/clients/executions.fake.ts";
import { fakeFindings } from "../../../functions/clients/findings.fake.ts";
import { fakeMail } from "../../../functions/clients/mail.fake.ts";
import { fakeRegistry } from "../../../functions/clients/registry.fake.ts";
import { fakeSecrets } from "../../../functions/clients/secrets.fake.ts";
import { fakeUses } from "../../../functions/clients/uses.fake.ts";
import { type CredentialRecord, newRecord } from "../../../functions/credential/record.ts";
import { writeValue } from "../../../functions/credential/secret-value.ts";
import type { DatabaseCredential } from "../../../functions/shared/credential-settings.ts";
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
 * Everything that steps of credentials are given, on the fakes: one credential, whose first version, of `orders_a`, is current
 * and accepted, and whose second one is asked for and has no value yet. The clock is set by hand.
 */
export async function credentialWorld(changes: Partial<DatabaseCredential> = {}) {
  const credential = { ...CREDENTIAL, ...changes };
  const clock = { at: NOW };
  const secrets = fakeSecrets();
  const credentials = fakeCredentials();
  const uses = fakeUses();
  const authorities = fakeAuthorities();
  const authority = authorities.of(credential) as FakeAuthority;
  const [userA, userB] = credential.users;
  const valueFor = (version: string, user: string) =>
    writeValue({ user, password: passwordOf(version) }, credential, undefined);

  secrets.create(SECRET, FIRST, valueFor(FIRST, userA));
  await authority.honour({ user: userA, password: passwordOf(FIRST) }, async () => true);
  authority.catchUp();
  secrets.begin(SECRET, TOKEN);

  return {
    clock,
    now: () => clock.at,
    random: seededRandom(),
    skewMs: SKEW_MS,
    credential,
    credentialSettings: [credential],
    secrets,
    credentials,
    uses,
    authorities,
    authority,
    valueFor,
    audit: fakeAudit(),
    bus: fakeBus(),
    findings: fakeFindings(),
    mail: fakeMail(),
    registry: fakeRegistry(),
    executions: fakeExecutions(),
    journal: collectingJournal(),

    /** The record, as it stands. */
    record: async (): Promise<CredentialRecord> =>
      (await credentials.find(SECRET)) ?? { ...newRecord(SECRET), version: 0 },

    /** Alters the record; what is undefined is taken out of it. */
    async note(change: { [Field in keyof CredentialRecord]?: CredentialRecord[Field] | undefined }): Promise<void> {
      const before = await credentials.find(SECRET);
      const fields = Object.entries({ ...(before ?? newRecord(SECRET)), ...change });
      const next = Object.fromEntries(fields.filter(([, value]) => value !== undefined));
      await credentials.write(next as unknown as CredentialRecord, before);
    },

    /** The second version, of `orders_b`, is set, promoted and noted at this moment; the first one's user waits to be retired. */
    async turn(): Promise<void> {
      const login = { user: userB, password: passwordOf(TOKEN) };
      await secrets.putPending(SECRET, TOKEN, valueFor(TOKEN, userB));
      await authority.honour(login, async () => true);
      authority.catchUp();
      await secrets.promote(SECRET, TOKEN, { from: FIRST });
      await this.note({
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

    /** A consumer proves that it uses a version, at this moment unless something else is said. */
    prove(
      versionId: string,
      consumer = "web",
      { timeMs = clock.at, ec2InstanceId = EC2, role = "", credential = passwordOf(versionId) } = {},
    ) {
      const use = { secret: SECRET, versionId, consumer, timeMs };
      const proof = useProof({ ...use, credential });
      uses.write({ ...use, ...(role === "" ? { ec2InstanceId } : { role }), proof });
    },
  };
}

export type CredentialWorld = Awaited<ReturnType<typeof credentialWorld>>;
