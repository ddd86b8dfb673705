import { createHash } from "node:crypto";
import type { KeyFile } from "../../agent/state/key-file.ts";
import { noHooks } from "../../agent/turn/hooks.ts";
import { turn } from "../../agent/turn/turn.ts";
import { VERSION } from "../../agent/version.ts";
import { fakeAudit } from "../../functions/clients/audit.fake.ts";
import { fakeBus } from "../../functions/clients/bus.fake.ts";
import { type FakeAgent, fakeCommands } from "../../functions/clients/commands.fake.ts";
import { fakeCredentials } from "../../functions/clients/credentials.fake.ts";
import { fakeExecutions } from "../../functions/clients/executions.fake.ts";
import type { WatchedFlow } from "../../functions/clients/executions.ts";
import { fakeFindings } from "../../functions/clients/findings.fake.ts";
import { fakeHosts } from "../../functions/clients/hosts.fake.ts";
import type { HostState } from "../../functions/clients/hosts.ts";
import { fakeMail } from "../../functions/clients/mail.fake.ts";
import { fakeNonces } from "../../functions/clients/nonces.fake.ts";
import { fakeRegistry } from "../../functions/clients/registry.fake.ts";
import { fakeSealArchive } from "../../functions/clients/seal-archive.fake.ts";
import { fakeTickets } from "../../functions/clients/tickets.fake.ts";
import { fakeTimeSeries } from "../../functions/clients/time-series.fake.ts";
import type { SampleRead } from "../../functions/clients/time-series.ts";
import { fakeVault } from "../../functions/clients/vault.fake.ts";
import type { Vault } from "../../functions/clients/vault.ts";
import type { DueLine } from "../../functions/record/audit.ts";
import { type InstanceRecord, isRetired, type PendingKey, type Rekey } from "../../functions/record/record.ts";
import { deriveRekey } from "../../functions/registration/derive-rekey/step.ts";
import { deriveSuccessor } from "../../functions/rotation/derive-successor/step.ts";
import { pushToInstance } from "../../functions/rotation/push-to-instance/step.ts";
import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import { digestOf } from "../../functions/shared/digest.ts";
import type { Journal } from "../../functions/shared/journal.ts";
import {
  agreedKey,
  keyPair,
  type Receipt,
  receiptProof,
  sampleHash,
  successor,
  type Ticket,
  ticketProof,
} from "../../protocol/index.ts";
import { CrashingDisk } from "../agent/fakes/crashing-disk.ts";
import { HandClock } from "../agent/fakes/hand-clock.ts";
import { FakeLog, FakeSeries, fakeLock, lying, PLACES } from "../agent/fakes/parts.ts";

export const ID = "0a1b2c";
export const EC2 = "i-0123456789abcdef0";
export const OTHER_EC2 = "i-0fedcba9876543210";
export const EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:keyturn-rotation:0a1b2c-1";
/** The moment at which tests begin, in milliseconds since 1970. */
export const NOW = Date.UTC(2026, 10, 20, 3);
/** The audit line of an act, where it does not matter which. */
export const LINE: DueLine = { act: "retired", timeMs: NOW, details: "{}" };
export const INTERVAL_MS = 60_000;
export const SKEW_MS = 60_000;
export const ROTATE_EVERY_MS = 24 * 3600 * 1000;
export const LOOKS_EVERY_MS = 5 * INTERVAL_MS;
export const PROOFS_EVERY_MS = 60 * INTERVAL_MS;

/** 64 hexadecimal characters that stand for `label`. */
export function hex64Of(label: string): string {
  return createHash("sha256").update(label).digest("hex");
}

/** Random bytes that are the same in every run. */
export function seededRandom(seed = "seed"): (bytes: number) => Buffer {
  let drawn = 0;
  return (bytes) => {
    drawn += 1;
    return Buffer.from(hex64Of(`${seed} ${drawn}`), "hex").subarray(0, bytes);
  };
}

/** A journal that collects what steps write down. */
export function collectingJournal(): Journal & {
  lines: string[];
  counts: string[];
  durations: Record<string, number[]>;
} {
  const lines: string[] = [];
  const counts: string[] = [];
  const durations: Record<string, number[]> = {};
  return {
    lines,
    counts,
    durations,
    info: (message, identifiers) => void lines.push(`${message} ${JSON.stringify(identifiers ?? {})}`),
    count: (metric, dimensions) => void counts.push([metric, ...Object.values(dimensions ?? {})].join(" ")),
    duration(metric, milliseconds) {
      durations[metric] = [...(durations[metric] ?? []), milliseconds];
    },
  };
}

/** An instance that holds a key. */
export class TestInstance {
  readonly id: string;
  readonly ec2InstanceId: string;
  generation: number;
  key: string;
  nonce: string | undefined;

  constructor({ id = ID, ec2InstanceId = EC2, generation = 1, key = hex64Of("first key") } = {}) {
    this.id = id;
    this.ec2InstanceId = ec2InstanceId;
    this.generation = generation;
    this.key = key;
  }

  sampleAt(timeMs: number): SampleRead {
    const { id, ec2InstanceId, generation, key } = this;
    return { timeMs, generation, hash: sampleHash({ id, ec2InstanceId, generation, key, timeMs }) };
  }

  /** Has the agent itself turn on the ticket that lies there, on a disk with this key: what it prints. */
  async obey(ticket: Ticket | undefined): Promise<{ output: string; success: boolean }> {
    const { id, ec2InstanceId, generation, key, nonce = null } = this;
    const disk = CrashingDisk.with({
      [PLACES.key]: JSON.stringify({ version: 1, id, ec2InstanceId, generation, key, nonce }),
    });
    const result = await turn({
      ...{ disk, places: PLACES, lock: fakeLock(), series: new FakeSeries(), hooks: noHooks, nonce: "hmac" },
      ...{ tickets: lying(ticket), clock: new HandClock(NOW), log: new FakeLog() },
      // Its tickets are no rekeys'.
      ...{ register: () => Promise.reject(new Error("asked for")), ip: async () => "10.0.0.4", random: seededRandom() },
    });
    const file: KeyFile = JSON.parse((await disk.read(PLACES.key)) ?? "");
    Object.assign(this, { generation: file.generation, key: file.key, nonce: file.nonce ?? undefined });
    return { output: `${JSON.stringify(result)}\n`, success: "receipt" in result };
  }
}

/** The record of an instance whose key both sides know, registered long ago. */
export async function recordOf(
  instance: TestInstance,
  vault: Vault,
  changes: Partial<InstanceRecord> = {},
): Promise<InstanceRecord> {
  const { id, ec2InstanceId, generation, key, nonce = "" } = instance;
  const longAgo = NOW - 7 * ROTATE_EVERY_MS;
  return {
    id,
    ec2InstanceId,
    ip: "10.0.0.4",
    status: "ACTIVE",
    current: {
      generation,
      nonce,
      ciphertext: await vault.seal(key, { id, ec2InstanceId, generation }),
      since: longAgo,
    },
    agentPublic: hex64Of("agent public"),
    serverPublic: hex64Of("server public"),
    agentVersion: VERSION,
    registeredAt: longAgo,
    startedAt: longAgo,
    dueAt: NOW,
    ...changes,
  };
}

/** The successor of an instance's key under a nonce, as the record holds it. */
export async function pendingOf(instance: TestInstance, vault: Vault, nonce: string): Promise<PendingKey> {
  const { id, ec2InstanceId, key } = instance;
  const name = { id, ec2InstanceId, generation: instance.generation + 1 };
  const next = successor(key, nonce);
  return {
    generation: name.generation,
    nonce,
    ciphertext: await vault.seal(next, name),
    ticketProof: ticketProof({ ...name, key, nonce }),
    receiptDigest: digestOf(receiptProof({ ...name, key: next, nonce })),
    pushes: {},
  };
}

/** What an execution gives the steps that come after the derivation. */
export async function derived(plane: ControlPlane, execution = EXECUTION) {
  const { id, ec2InstanceId, current } = await plane.record();
  const verified = {
    id,
    ec2InstanceId,
    generation: current.generation,
    verdict: "MATCH" as const,
    lastProofAt: plane.now(),
  };
  return { id, ec2InstanceId, execution, ...(await deriveSuccessor(verified, plane)) };
}

/** An execution pushes, and waits with this token. */
export async function pushed(plane: ControlPlane, execution = EXECUTION, taskToken = "token") {
  const { receiptDigest, ...turning } = await derived(plane, execution);
  plane.waiting.add(taskToken);
  return { ...turning, receiptDigest, ...(await pushToInstance({ ...turning, taskToken }, plane)) };
}

/** The ticket of the key that is pending. */
export async function ticketOf(plane: ControlPlane): Promise<Ticket> {
  const { pending } = await plane.record();
  if (pending === undefined) throw new Error("no key is pending");
  return { id: ID, generation: pending.generation, nonce: pending.nonce, proof: pending.ticketProof };
}

/** A person opens a rekey, as `operate/rekey` does it. */
export async function rekeyOpened(plane: ControlPlane, generation = 5): Promise<Rekey> {
  const { id, ec2InstanceId } = plane.instance;
  const nonce = await plane.nonces.compute({ id, ec2InstanceId, generation });
  const rekey: Rekey = { generation, nonce, openedAt: plane.now(), execution: "rekey-1", pushes: {} };
  const { rekey: standing } = await plane.record();
  const opened = { rekey, replaces: standing?.generation, line: { ...LINE, act: "rekey-opened" } };
  if (!(await plane.registry.openRekey(id, opened))) throw new Error("the rekey was not opened");
  return rekey;
}

/** What the flow of registration is told of who asks for the key of a rekey. */
export function askingFor({ generation, nonce }: Rekey, agent = keyPair(seededRandom("agent"))) {
  const asked = { generation, nonceDigest: digestOf(nonce), publicKey: agent.publicKey };
  return { id: ID, ec2InstanceId: EC2, ip: "10.0.0.4", flag: "rekey" as const, ...asked };
}

/** The instance agrees the key of a rekey, and holds it: what its receipt is. */
export async function keyAgreed(plane: ControlPlane, rekey: Rekey): Promise<Receipt> {
  const { id, ec2InstanceId } = plane.instance;
  const { generation, nonce } = rekey;
  const agent = keyPair(seededRandom("agent"));
  const { serverPublic } = await deriveRekey(askingFor(rekey, agent), plane);
  const publicKeys = { agentPublic: agent.publicKey, serverPublic };
  const name = { id, ec2InstanceId, generation };
  const { privateKey } = agent;
  const key = agreedKey({ purpose: "rekey", ...name, privateKey, publicKey: serverPublic, ...publicKeys });
  Object.assign(plane.instance, { generation, key, nonce });
  return { id, generation, proof: receiptProof({ ...name, key, nonce }), hooks: [] };
}

/** An execution pushes the rekey that stands, to an agent that answers as is said, and waits with this token. */
export async function rekeyPushed(
  plane: ControlPlane,
  { generation }: Rekey,
  execution = EXECUTION,
  taskToken = "token",
) {
  const { id, ec2InstanceId } = plane.instance;
  const turning = { id, ec2InstanceId, generation, rekey: true, execution };
  plane.waiting.add(taskToken);
  return { ...turning, ...(await pushToInstance({ ...turning, taskToken }, plane)) };
}

/** The audit lines that a record or a tombstone says are due: each act, and its details. */
export async function duesOf({ registry }: Pick<ControlPlane, "registry">, id = ID): Promise<[string, unknown][]> {
  const { auditDue = [] } = (await registry.find(id)) ?? {};
  return auditDue.map(({ act, details }) => [act, JSON.parse(String(details))]);
}

/** Everything that steps are given, on the fakes, with a clock that is set by hand and one registered instance. */
export async function controlPlane(changes: Partial<InstanceRecord> = {}, instance = new TestInstance()) {
  const random = seededRandom();
  const clock = { at: NOW };
  const vault = fakeVault(random);
  const nonces = fakeNonces(random);
  const registry = fakeRegistry();
  const tickets = fakeTickets();
  const { id, ec2InstanceId } = instance;
  const agents = new Map<string, FakeAgent>([
    [ec2InstanceId, async () => instance.obey(await tickets.find(ec2InstanceId, id))],
  ]);
  const waiting = new Set<string>();
  await registry.add(await recordOf(instance, vault, changes));
  await registry.writeOwner(instance.ec2InstanceId, { holder: instance.id, cameAt: [] }, undefined);
  const states = new Map<string, HostState>([[instance.ec2InstanceId, "running"]]);
  /** When hosts were started last; long ago where it says nothing. */
  const launched = new Map<string, number>();
  /** When executions of flows were started last; never where it says nothing. */
  const lastStarts: Partial<Record<WatchedFlow, number>> = {};
  return {
    states,
    launched,
    lastStarts,
    hosts: fakeHosts(states, launched),
    instance,
    clock,
    now: () => clock.at,
    random,
    vault,
    nonces,
    registry,
    audit: fakeAudit(),
    sealArchive: fakeSealArchive(),
    findings: fakeFindings(),
    agents,
    tickets,
    commands: fakeCommands(agents, () => clock.at),
    waiting,
    executions: fakeExecutions(waiting, lastStarts),
    timeSeries: fakeTimeSeries(),
    credentials: fakeCredentials(),
    credentialSettings: [] as CredentialSettings[],
    bus: fakeBus(),
    mail: fakeMail(),
    journal: collectingJournal(),
    intervalMs: INTERVAL_MS,
    skewMs: SKEW_MS,
    auditKeptMs: 7 * 365 * 24 * 3600 * 1000,
    rotateEveryMs: ROTATE_EVERY_MS,
    looksEveryMs: LOOKS_EVERY_MS,
    proofsEveryMs: PROOFS_EVERY_MS,
    silentAfterMs: 2 * ROTATE_EVERY_MS,
    nonceMode: "hmac" as "hmac" | "none",
    /** The instance's record, which must be live. */
    async record(id = instance.id): Promise<InstanceRecord> {
      const record = await registry.find(id);
      if (record === undefined || isRetired(record)) throw new Error(`${id} has no live record`);
      return record;
    },
  };
}

export type ControlPlane = Awaited<ReturnType<typeof controlPlane>>;
