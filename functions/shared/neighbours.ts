import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { NonceMode, SampleStore } from "../../protocol/index.ts";
import type { AccessKeys } from "../clients/access-keys.ts";
import type { Audit } from "../clients/audit.ts";
import type { Authorities } from "../clients/authorities.ts";
import type { Bus } from "../clients/bus.ts";
import type { Commands } from "../clients/commands.ts";
import type { Credentials } from "../clients/credentials.ts";
import type { Executions } from "../clients/executions.ts";
import type { Findings } from "../clients/findings.ts";
import type { Hosts } from "../clients/hosts.ts";
import type { Mail } from "../clients/mail.ts";
import type { Nonces } from "../clients/nonces.ts";
import type { Registrations } from "../clients/registrations.ts";
import type { Registry } from "../clients/registry.ts";
import type { SealArchive } from "../clients/seal-archive.ts";
import type { Secrets } from "../clients/secrets.ts";
import type { Tickets } from "../clients/tickets.ts";
import type { TimeSeries } from "../clients/time-series.ts";
import type { Trail } from "../clients/trail.ts";
import type { Uses } from "../clients/uses.ts";
import type { Vault } from "../clients/vault.ts";
import { type CredentialSettings, credentialsOf } from "./credential-settings.ts";
import { type ExposedKeySettings, exposedKeySettingsOf } from "./exposed-key-settings.ts";
import type { Journal } from "./journal.ts";
import { milliseconds, nonceModeOf, type SettingName, type SettingsOf, sampleStoreOf } from "./settings.ts";

/** Whom a step may deal with in AWS, by the words that contracts use. */
export interface Neighbours {
  registry: Registry;
  audit: Audit;
  sealArchive: SealArchive;
  findings: Findings;
  vault: Vault;
  nonces: Nonces;
  timeSeries: TimeSeries;
  tickets: Tickets;
  commands: Commands;
  executions: Executions;
  registrations: Registrations;
  hosts: Hosts;
  mail: Mail;
  bus: Bus;
  secrets: Secrets;
  credentials: Credentials;
  uses: Uses;
  authorities: Authorities;
  accessKeys: AccessKeys;
  trail: Trail;
}

/** Who may register: instances under these roles, in this account of this partition. */
export interface FleetIdentity {
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  partition: string;
  /** 12 digits. */
  account: string;
  /** Unique IDs (`AROA…`). */
  roleIds: string[];
}

/** What else a step may be given: its clock, its randomness, its journal, and what the deployment was set to. */
export interface Given {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Lets so many milliseconds go by. */
  wait: (ms: number) => Promise<unknown>;
  random: (bytes: number) => Buffer;
  journal: Journal;
  /** How often an instance writes a sample. */
  intervalMs: number;
  /** How far an instance's clock may be ahead. */
  skewMs: number;
  /** How old a key gets before its instance is due. */
  rotateEveryMs: number;
  /** How often the watch looks who has fallen silent, and how often it judges each instance's proofs. */
  looksEveryMs: number;
  proofsEveryMs: number;
  /** After how long without a run over the fleet people are told; for ever where the deployment has no fleet. */
  silentAfterMs: number;
  /** How long seals are kept where nobody can alter them. */
  auditKeptMs: number;
  nonceMode: NonceMode;
  /** Where instances are to write their samples. */
  sampleStore: SampleStore;
  /** Whose registrations are taken. */
  fleet: FleetIdentity;
  /** The credentials that are turned: where, and whom. */
  credentialSettings: CredentialSettings[];
  /** What is done with access keys that are exposed. */
  exposedKeySettings: ExposedKeySettings;
}

export type NeighbourName = keyof Neighbours;
export type GivenName = keyof Given;

/** The part of a step's contract that says whom it deals with. */
export interface Named {
  /** The clients that it uses. The environment variables that they need follow from them. */
  neighbours: readonly NeighbourName[];
  /** What else it is given: its clock, its randomness, its journal, and what it reads of the deployment's settings. */
  given: readonly GivenName[];
}

/** The settings that each is made of. */
const NEEDS = {
  registry: ["INSTANCE_TABLE"],
  audit: ["AUDIT_TABLE"],
  sealArchive: ["SEAL_BUCKET", "NAME_PREFIX", "FLEET_ACCOUNT"],
  findings: ["FINDING_TABLE"],
  vault: ["KEY_ENCRYPTION_KEY"],
  nonces: ["NONCE_KEY"],
  timeSeries: [
    "TIME_SERIES",
    "FORMER_TIME_SERIES",
    "TIMESTREAM_DATABASE",
    "TIMESTREAM_TABLE",
    "SERIES_TABLE",
    "FLEET_ACCOUNT",
    "FLEET_PARTITION",
  ],
  tickets: ["TICKET_TABLE", "FLEET_ACCOUNT", "FLEET_PARTITION"],
  commands: ["PUSH_DOCUMENT"],
  executions: ["ROTATION_FLOW_ARN", "FLEET_ROTATION_FLOW_ARN", "CREDENTIAL_FLOW_ARN", "EXPOSED_KEY_FLOW_ARN"],
  registrations: ["REGISTRATION_FLOW_ARN"],
  hosts: ["NAME_PREFIX"],
  mail: ["ALERT_TOPIC_ARN"],
  bus: ["EVENT_BUS"],
  secrets: [],
  credentials: ["INSTANCE_TABLE"],
  uses: [
    "TIME_SERIES",
    "FORMER_TIME_SERIES",
    "TIMESTREAM_DATABASE",
    "TIMESTREAM_TABLE",
    "SERIES_TABLE",
    "FLEET_ACCOUNT",
    "FLEET_PARTITION",
  ],
  authorities: [],
  accessKeys: ["FLEET_ACCOUNT"],
  trail: [],
  now: [],
  wait: [],
  random: [],
  journal: ["NAME_PREFIX"],
  intervalMs: ["SAMPLE_INTERVAL_SECONDS"],
  skewMs: ["ALLOWED_SKEW_SECONDS"],
  rotateEveryMs: ["ROTATE_EVERY_SECONDS"],
  looksEveryMs: ["WATCH_LOOK_SECONDS"],
  proofsEveryMs: ["WATCH_PROOF_SECONDS"],
  auditKeptMs: ["AUDIT_KEPT_DAYS"],
  silentAfterMs: ["SCHEDULE_SILENT_SECONDS"],
  nonceMode: ["NONCE_MODE"],
  sampleStore: ["TIME_SERIES", "TIMESTREAM_DATABASE", "TIMESTREAM_TABLE", "SERIES_TABLE"],
  fleet: ["FLEET_PARTITION", "FLEET_ACCOUNT", "FLEET_ROLE_IDS"],
  credentialSettings: ["CREDENTIALS"],
  exposedKeySettings: ["EXPOSED_KEYS"],
} as const satisfies Record<NeighbourName | GivenName, readonly SettingName[]>;

type NeedsOf<Name extends keyof typeof NEEDS> = SettingsOf<(typeof NEEDS)[Name]>;

/**
 * Makes a neighbour of exactly the settings that it needs, once, when a function starts. Each neighbour's maker stands
 * beside its client, so that a function is bundled with the clients that it uses and no other.
 */
export type Maker<Name extends NeighbourName> = (settings: NeedsOf<Name>) => Neighbours[Name];

/** Opens a step's journal, which counts under the prefix of its deployment's names: another one's figures are not added. */
export type OpenJournal = (prefix: string) => Journal;

/** What is given is made here: it brings no client with it. */
const GIVE: { [Name in GivenName]: (settings: NeedsOf<Name>, openJournal: OpenJournal) => Given[Name] } = {
  now: () => Date.now,
  wait: () => wait,
  random: () => randomBytes,
  journal: ({ NAME_PREFIX }, openJournal) => openJournal(NAME_PREFIX),
  intervalMs: (settings) => milliseconds(settings, "SAMPLE_INTERVAL_SECONDS"),
  skewMs: (settings) => milliseconds(settings, "ALLOWED_SKEW_SECONDS"),
  rotateEveryMs: (settings) => milliseconds(settings, "ROTATE_EVERY_SECONDS"),
  looksEveryMs: (settings) => milliseconds(settings, "WATCH_LOOK_SECONDS"),
  proofsEveryMs: (settings) => milliseconds(settings, "WATCH_PROOF_SECONDS"),
  auditKeptMs: ({ AUDIT_KEPT_DAYS }) => Number(AUDIT_KEPT_DAYS) * 24 * 3600 * 1000,
  silentAfterMs: (settings) =>
    settings.SCHEDULE_SILENT_SECONDS === "0"
      ? Number.POSITIVE_INFINITY
      : milliseconds(settings, "SCHEDULE_SILENT_SECONDS"),
  nonceMode: (settings) => nonceModeOf(settings.NONCE_MODE),
  sampleStore: sampleStoreOf,
  fleet: (settings) => ({
    partition: settings.FLEET_PARTITION,
    account: settings.FLEET_ACCOUNT,
    roleIds: settings.FLEET_ROLE_IDS.split(",").map((id) => id.trim()),
  }),
  credentialSettings: ({ CREDENTIALS }) => credentialsOf(CREDENTIALS),
  exposedKeySettings: ({ EXPOSED_KEYS }) => exposedKeySettingsOf(EXPOSED_KEYS),
};

/** The makers of a step's neighbours: of those that its contract names, and of no other. */
export type MakersOf<Contract extends Named> = { [Name in Contract["neighbours"][number]]: Maker<Name> };

/** All that a step is given besides its input: exactly what its contract names. */
export type NeighboursOf<Contract extends Named> = Pick<Neighbours, Contract["neighbours"][number]> &
  Pick<Given, Contract["given"][number]>;

/** The settings that follow from what a contract names, each once. */
export function settingsOf({ neighbours, given }: Named): SettingName[] {
  return [...new Set([...neighbours, ...given].flatMap((name) => NEEDS[name]))];
}

/**
 * Makes all that a step is given besides its input.
 *
 * @param settings by name, at least those of `settingsOf`
 * @throws Error when a setting has not its form
 */
export function neighboursFor<Contract extends Named>(
  { neighbours, given }: Contract,
  makers: MakersOf<Contract>,
  settings: SettingsOf<SettingName[]>,
  openJournal: OpenJournal,
): NeighboursOf<Contract> {
  const make: { [Name in NeighbourName]?: Maker<Name> } & typeof GIVE = { ...GIVE, ...makers };
  const made = [...neighbours, ...given].map((name) => [name, make[name]?.(settings, openJournal)] as const);
  return Object.fromEntries(made) as NeighboursOf<Contract>;
}
