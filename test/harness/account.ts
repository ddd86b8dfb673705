import type { fakeAccessKeys } from "../../functions/clients/access-keys.fake.ts";
import type { fakeAudit } from "../../functions/clients/audit.fake.ts";
import type { fakeAuthorities } from "../../functions/clients/authorities.fake.ts";
import type { fakeBus } from "../../functions/clients/bus.fake.ts";
import type { fakeCredentials } from "../../functions/clients/credentials.fake.ts";
import type { fakeFindings } from "../../functions/clients/findings.fake.ts";
import type { fakeMail } from "../../functions/clients/mail.fake.ts";
import type { Nonces } from "../../functions/clients/nonces.ts";
import type { fakeRegistry } from "../../functions/clients/registry.fake.ts";
import type { fakeSealArchive } from "../../functions/clients/seal-archive.fake.ts";
import type { fakeSecrets } from "../../functions/clients/secrets.fake.ts";
import type { Tickets } from "../../functions/clients/tickets.ts";
import type { fakeTimeSeries } from "../../functions/clients/time-series.fake.ts";
import type { fakeTrail } from "../../functions/clients/trail.fake.ts";
import type { fakeUses } from "../../functions/clients/uses.fake.ts";
import type { Vault } from "../../functions/clients/vault.ts";
import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import type { collectingJournal } from "../functions/support.ts";
import type { Calls } from "./calls.ts";
import type { HandClock } from "./clock.ts";
import type { HarnessCommands } from "./commands.ts";
import type { Consumer } from "./consumer.ts";
import type { DrivenFlows } from "./flows.ts";
import type { Functions } from "./functions.ts";
import type { Host } from "./host.ts";
import type { Ledger } from "./ledger.ts";

/** What there is in an account of AWS: what steps are given, and what invariants look at. */
export interface Account {
  readonly clock: HandClock;
  readonly random: (bytes: number) => Buffer;
  readonly ledger: Ledger;
  readonly vault: Vault;
  readonly nonces: Nonces;
  readonly tickets: Tickets;
  readonly registry: ReturnType<typeof fakeRegistry>;
  readonly audit: ReturnType<typeof fakeAudit>;
  readonly sealArchive: ReturnType<typeof fakeSealArchive>;
  readonly findings: ReturnType<typeof fakeFindings>;
  readonly timeSeries: ReturnType<typeof fakeTimeSeries>;
  readonly bus: ReturnType<typeof fakeBus>;
  readonly mail: ReturnType<typeof fakeMail>;
  readonly journal: ReturnType<typeof collectingJournal>;
  readonly secrets: ReturnType<typeof fakeSecrets>;
  readonly credentials: ReturnType<typeof fakeCredentials>;
  readonly uses: ReturnType<typeof fakeUses>;
  readonly authorities: ReturnType<typeof fakeAuthorities>;
  readonly accessKeys: ReturnType<typeof fakeAccessKeys>;
  readonly trail: ReturnType<typeof fakeTrail>;
  /** By the EC2 instance's ID. */
  readonly hosts: Map<string, Host>;
  /** Who has the credentials of a host and is not it: a thief, or a copy of its disk that goes on elsewhere. */
  readonly others: Host[];
  readonly consumers: Consumer[];
  readonly credentialSettings: CredentialSettings[];
  /** The secrets whose consumers a person has locked out: by force, or by changing a password. Or the passwords and tokens themselves. */
  readonly forced: Set<string>;
  /** The tokens that somebody has revoked behind Keyturn's back, and the passwords that are good no more since he has set others; and the versions that he has made current. */
  readonly revoked: Set<string>;
  /** Of each record that somebody has put back from a backup, the generation that it had before. */
  readonly restored: Map<string, number>;
  readonly calls: Calls;
  readonly commands: HarnessCommands;
  readonly functions: Functions;
  readonly flows: DrivenFlows;
  /** Everything that a person, a log or a neighbour could read, but for the records and the hosts' own disks. */
  everythingWritten(): string;
}
