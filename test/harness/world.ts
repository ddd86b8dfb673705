import { AwsError } from "embedded-aws";
import { readAnswer } from "../../agent/registration/answer.ts";
import { VERSION } from "../../agent/version.ts";
import { commandInvocationChanged } from "../../events/aws/command-invocation-changed.ts";
import { instanceStateChanged } from "../../events/aws/instance-state-changed.ts";
import { fakeAccessKeys } from "../../functions/clients/access-keys.fake.ts";
import { fakeAudit } from "../../functions/clients/audit.fake.ts";
import { fakeAuthorities } from "../../functions/clients/authorities.fake.ts";
import { judgeOf } from "../../functions/clients/authorities.ts";
import { fakeBus } from "../../functions/clients/bus.fake.ts";
import { fakeCredentials } from "../../functions/clients/credentials.fake.ts";
import { fakeFindings } from "../../functions/clients/findings.fake.ts";
import { fakeMail } from "../../functions/clients/mail.fake.ts";
import { fakeNonces } from "../../functions/clients/nonces.fake.ts";
import { fakeRegistry } from "../../functions/clients/registry.fake.ts";
import { fakeSealArchive } from "../../functions/clients/seal-archive.fake.ts";
import { fakeSecrets } from "../../functions/clients/secrets.fake.ts";
import { fakeTickets } from "../../functions/clients/tickets.fake.ts";
import { fakeTimeSeries } from "../../functions/clients/time-series.fake.ts";
import { fakeTrail } from "../../functions/clients/trail.fake.ts";
import { fakeUses } from "../../functions/clients/uses.fake.ts";
import { fakeVault } from "../../functions/clients/vault.fake.ts";
import { newRecord } from "../../functions/credential/record.ts";
import { writeToken } from "../../functions/credential/secret-value.ts";
import { type InstanceRecord, isRetired, type Rekey, type StoredRecord } from "../../functions/record/record.ts";
import {
  type CredentialSettings,
  type DatabaseCredential,
  TOKENS,
  type TokenCredential,
} from "../../functions/shared/credential-settings.ts";
import type { Given } from "../../functions/shared/neighbours.ts";
import { functionNameOf } from "../../functions/steps.ts";
import type { FlowName } from "../../infra/wiring.ts";
import type { RegistrationRequest, Sample } from "../../protocol/index.ts";
import {
  collectingJournal,
  hex64Of,
  INTERVAL_MS,
  LINE,
  NOW,
  ROTATE_EVERY_MS,
  seededRandom,
} from "../functions/support.ts";
import type { Account } from "./account.ts";
import { Calls, type Fault, inOrder, type Scheduler } from "./calls.ts";
import { Changes } from "./changes.ts";
import { HandClock } from "./clock.ts";
import { type Delivery, HarnessCommands } from "./commands.ts";
import { Consumer, type Habit } from "./consumer.ts";
import { type Definitions, NUMBERS, type Numbers, readDefinitions } from "./definitions.ts";
import { EventBus } from "./event-bus.ts";
import { FLEET } from "./fleet.ts";
import { DrivenFlows } from "./flows.ts";
import { Functions } from "./functions.ts";
import { Host } from "./host.ts";
import { Interpreter } from "./interpreter.ts";
import { AT_EVERY_MOMENT, holdAll } from "./invariants.ts";
import { Ledger } from "./ledger.ts";
import { neighboursOf } from "./neighbours.ts";
import { SecretsManager } from "./secrets-manager.ts";

export interface WorldOptions {
  definitions?: Definitions;
  numbers?: Partial<Numbers>;
  scheduler?: Scheduler;
  faults?: Fault[];
  deliveries?: Delivery[];
  /** Whether the hosts run their daemons; else all prove their keys at one moment of each interval. */
  daemons?: boolean;
  /** From how many invocations of functions on it counts as going round in circles. */
  mostInvocations?: number;
  /** Settings that are not as in most worlds. */
  settings?: Partial<Given>;
}

/** A credential as most worlds have it, waited for in minutes and not in hours. */
const ORDERS: DatabaseCredential = {
  ...{
    name: "orders/db",
    kind: "database",
    engine: "postgres",
    hosts: ["writer", "reader"],
    port: 5432,
    dbname: "orders",
    tls: "rds",
  },
  ...{ owner: "orders", users: ["orders_a", "orders_b"], manager: { secret: "orders/manager" } },
  consumers: [
    { name: "web", seenBy: "proofs" },
    { name: "pool", seenBy: "sessions" },
  ],
  ...{ quietSeconds: 180, deadlineSeconds: 900 },
};
/** A token as most worlds have it: so long-lived that days may pass at once. */
const API_TOKEN: TokenCredential = {
  ...{ name: "shop/api-token", kind: "token", users: TOKENS },
  tokenUrl: "https://login.example/oauth2/token",
  revocationUrl: "https://login.example/oauth2/revoke",
  probeUrl: "https://api.example/me",
  ...{ keys: ["shop/api-key-a", "shop/api-key-b"], tokensPerKey: "one" },
  lifetimeSeconds: (100 * ROTATE_EVERY_MS) / 1000,
  halfLife: true,
  consumers: [
    { name: "web", seenBy: "proofs" },
    { name: "batch", seenBy: "proofs" },
  ],
  ...{ quietSeconds: 180, deadlineSeconds: 900 },
};
/** How long a statement waits for a lock before the database gives it up. */
const LOCK_MS = 5000;
/** How many calls are told of before what must not happen. */
const CALLS_TOLD = 12;
const VERSION_BEFORE = "00000000-0000-4000-8000-00000000000a";
const PASSWORD_BEFORE = "before0000000000000000000000000000000000A";

const AS_THEY_STAND = readDefinitions();

/** One account: the flows from their files, the real steps on fakes, hosts with the real agent, one clock for all. */
export class World implements Account {
  readonly clock = new HandClock(NOW);
  readonly random = seededRandom();
  readonly ledger = new Ledger();
  readonly vault = this.ledger.noting(fakeVault(this.random));
  readonly nonces = this.ledger.notingNonces(fakeNonces(this.random));
  readonly registry = fakeRegistry();
  readonly audit = fakeAudit();
  readonly sealArchive = fakeSealArchive();
  readonly findings = fakeFindings();
  readonly tickets = fakeTickets();
  readonly timeSeries = fakeTimeSeries();
  readonly bus = fakeBus();
  readonly mail = fakeMail();
  readonly secrets = fakeSecrets();
  readonly credentials = fakeCredentials();
  readonly uses = fakeUses();
  readonly authorities = fakeAuthorities(LOCK_MS, this.clock.now, (ms, run) => this.clock.after(ms, run));
  readonly accessKeys = fakeAccessKeys();
  readonly trail = fakeTrail(() => this.clock.now());
  readonly journal = collectingJournal();
  readonly hosts = new Map<string, Host>();
  readonly others: Host[] = [];
  readonly consumers: Consumer[] = [];
  readonly credentialSettings: CredentialSettings[] = [];
  readonly forced = new Set<string>();
  readonly revoked = new Set<string>();
  readonly restored = new Map<string, number>();
  readonly calls: Calls;
  readonly commands: HarnessCommands;
  readonly functions: Functions;
  readonly flows: DrivenFlows;
  /** How the next starts of an execution by a flow fail, by AWS's code; an empty one starts as it should. */
  readonly refusedStarts: string[] = [];
  /** What happened that must not happen whatever befalls: sentences. */
  readonly broken: string[] = [];
  /** The calls that were made last when the first of these happened, the newest last. */
  callsBefore: string[] = [];
  /** Whether the invariants of every moment are looked at; they are not where somebody altered a side's own data. */
  watching = true;
  readonly #scheduler: Scheduler;
  readonly events: EventBus;
  readonly #changes = new Changes();
  #underway = 0;
  #lifted: (() => void)[] = [];
  #proving = true;

  constructor({ definitions = AS_THEY_STAND, ...options }: WorldOptions = {}) {
    const { clock, hosts } = this;
    const scheduler = options.scheduler ?? inOrder;
    this.#scheduler = scheduler;
    const log = (sentence: string, callsMade = this.calls.made.length) => {
      if (this.broken.length === 0) this.callsBefore = this.calls.made.slice(0, callsMade).slice(-CALLS_TOLD);
      this.broken.push(sentence);
    };
    // Within a step it would only be one more error that a state catches: it is thrown when all is at rest.
    const check = (call?: string) => {
      // While it is looked, others make calls.
      const callsMade = this.calls.made.length;
      return this.#look(call).catch((error: Error) => log(error.message, callsMade));
    };
    this.calls = new Calls({ clock, scheduler, check, abort: () => this.#abort() });
    this.calls.faults.push(...(options.faults ?? []));
    const turn = () => scheduler.schedule(Promise.resolve(), "event");
    const reachable = () => this.#reachable();
    const parts = { clock, flows: () => this.flows, functions: () => this.functions, turn, reachable };
    this.events = new EventBus(parts);
    this.commands = new HarnessCommands(
      {
        ...{ clock, scheduler, hosts, reachable, turn: (host) => (host.commandsTakenBy ?? host).turn() },
        tell: (detail) => this.raise({ ...COMMAND_CHANGED, resources: [], detail }),
        underway: (work) => this.#during(work),
      },
      options.deliveries ?? [],
    );
    this.functions = new Functions({
      ...{
        clock,
        calls: this.calls,
        most: options.mostInvocations,
        broken: log,
        neighbours: (caller) =>
          neighboursOf(this, caller, { credentialSettings: this.credentialSettings, ...options.settings }),
      },
      endTask: (taskToken, end) => this.flows.endTask(taskToken, end),
    });
    const around = {
      ...{ clock, random: seededRandom("flows"), log, functions: this.functions },
      events: { raise: (event: Parameters<EventBus["raise"]>[0]) => this.raise(event) },
      beforeStart: () => {
        const code = this.refusedStarts.shift();
        if (code) throw new AwsError(code, "refused by the harness");
      },
    };
    this.flows = new DrivenFlows(Interpreter.take(definitions, { ...NUMBERS, ...options.numbers }, around));
    new SecretsManager({
      ...{ clock, secrets: this.secrets, functions: () => this.functions, reachable },
      during: (work) => this.#during(work),
    });
    this.#keepProving(options.daemons !== true, options.settings?.intervalMs ?? INTERVAL_MS);
  }

  /**
   * A credential that Keyturn has turned before, with what is remembered of it: the first user is in force.
   *
   * @param changes of the settings
   */
  async settledCredential(changes: Partial<DatabaseCredential> = {}): Promise<DatabaseCredential> {
    const settings = { ...ORDERS, ...changes };
    await this.newCredential(settings);
    const { name, users } = settings;
    const [user] = users;
    const versionId = VERSION_BEFORE;
    const authority = this.authorities.of(settings);
    await authority.honour({ user, password: PASSWORD_BEFORE }, async () => true);
    authority.catchUp();
    const since = NOW - ROTATE_EVERY_MS;
    const record = { ...newRecord(name), current: { versionId, user, since, execution: "before" } };
    await this.credentials.write(record, undefined);
    return settings;
  }

  /** A credential as the stack has just drawn it: its authority does not know it. */
  async newCredential(changes: Partial<DatabaseCredential> = {}): Promise<DatabaseCredential> {
    const settings = { ...ORDERS, ...changes };
    const { name, users } = settings;
    this.credentialSettings.push(settings);
    const login = { engine: "postgres", username: users[0], password: PASSWORD_BEFORE };
    this.secrets.create(name, VERSION_BEFORE, JSON.stringify(login));
    return settings;
  }

  /**
   * A token that Keyturn has turned before, just now, with what is remembered of it: the first one is in force.
   *
   * @param changes of the settings
   * @param options.revokes whether the issuer has a way to revoke
   * @param options.lifetimeSeconds of this first one, where it is not that of the settings
   */
  async settledToken(
    changes: Partial<TokenCredential> = {},
    { revokes = true, lifetimeSeconds }: { revokes?: boolean; lifetimeSeconds?: number } = {},
  ): Promise<TokenCredential> {
    const settings = await this.newToken(changes, { revokes });
    const { name, users } = settings;
    const [user] = users;
    const issuer = this.authorities.issuerOf(settings);
    issuer.lifetimeSeconds = lifetimeSeconds ?? settings.lifetimeSeconds;
    const { token = "" } = (await issuer.issue(user, async () => true)) ?? {};
    const life = { from: NOW, to: NOW + issuer.lifetimeSeconds * 1000 };
    issuer.lifetimeSeconds = settings.lifetimeSeconds;
    this.secrets.putCurrent(name, VERSION_BEFORE, writeToken({ user, password: token }, life, undefined));
    const current = { versionId: VERSION_BEFORE, user, life, since: NOW - ROTATE_EVERY_MS, execution: "before" };
    await this.credentials.write({ ...newRecord(name), current, issued: [VERSION_BEFORE] }, undefined);
    return settings;
  }

  /** A token's secret as the stack has just made it: it holds none. */
  async newToken(changes: Partial<TokenCredential> = {}, { revokes = true } = {}): Promise<TokenCredential> {
    const { revocationUrl, ...rest }: TokenCredential = { ...API_TOKEN, ...changes };
    const settings: TokenCredential = { ...rest, ...(revokes && revocationUrl !== undefined && { revocationUrl }) };
    this.credentialSettings.push(settings);
    this.secrets.create(settings.name, VERSION_BEFORE, "{}");
    return settings;
  }

  /** Somebody revokes the current token, or another one, behind Keyturn's back. */
  async revokeBehind(settings: TokenCredential, version?: string): Promise<void> {
    const { current = "" } = (await this.secrets.stages(settings.name)) ?? {};
    const { access_token } = JSON.parse((await this.secrets.read(settings.name, version ?? current)) ?? "{}");
    this.revoked.add(access_token);
    const kept = this.authorities.issuerOf(settings).tokens.get(access_token);
    if (kept !== undefined) kept.isRevoked = true;
  }

  /** An application that uses a credential, as it is known by its settings; it has used it already. */
  async consumer(credential: CredentialSettings, name: string, habit: Habit): Promise<Consumer> {
    const { clock, secrets, uses, authorities, forced, revoked } = this;
    const isToken = credential.kind === "token";
    const unnamed = { name, seenBy: isToken ? ("proofs" as const) : ("sessions" as const) };
    const settings = credential.consumers.find((one) => one.name === name) ?? unnamed;
    const authority = isToken ? undefined : authorities.of(credential);
    const isEndedByHand = (password: string) => forced.has(password) || revoked.has(password);
    const judge = judgeOf(credential, authorities);
    const parts = { clock, secrets, uses, credential, authority, judge, isEndedByHand };
    const consumer = new Consumer(settings, habit, `i-0000000000000000${this.consumers.length}`, parts);
    this.consumers.push(consumer);
    await consumer.use();
    return consumer;
  }

  /** Asks Secrets Manager for a rotation, as a person would. */
  rotateSecret({ name }: CredentialSettings, token: string) {
    return this.secrets.askForRotation(name, token);
  }

  /** A host that registered long ago, whose key is due, and that has proved it lately. */
  async settledHost(id: string, ec2InstanceId: string, changes: Partial<InstanceRecord> = {}): Promise<Host> {
    const host = this.newHost(ec2InstanceId);
    const key = hex64Of(`first key of ${id}`);
    host.hold({ id, generation: 1, key });
    const longAgo = NOW - 7 * ROTATE_EVERY_MS;
    const publicKeys = { agentPublic: hex64Of("agent"), serverPublic: hex64Of("server"), agentVersion: VERSION };
    await this.registry.add({
      ...{ id, ec2InstanceId, ip: host.ip, status: "ACTIVE", ...publicKeys },
      ...{ registeredAt: longAgo, startedAt: longAgo, dueAt: NOW - 1000 },
      current: {
        ...{ generation: 1, nonce: "", since: NOW - 1000 - ROTATE_EVERY_MS },
        ciphertext: await this.vault.seal(key, { id, ec2InstanceId, generation: 1 }),
      },
      ...changes,
    });
    const owner = await this.registry.findOwner(ec2InstanceId);
    await this.registry.writeOwner(ec2InstanceId, { holder: id, cameAt: [] }, owner);
    await host.prove();
    return host;
  }

  /** Somebody puts back a record from a backup, as it was read. */
  restore(backup: StoredRecord): void {
    const { id } = backup;
    const record = this.registry.records.get(id);
    const { current, pending, rekey } = (record ?? {}) as Partial<InstanceRecord>;
    const known = [current, pending, rekey].map((one) => one?.generation ?? 0);
    this.restored.set(id, Math.max(...known, this.ledger.last(`record ${id}`)));
    this.registry.records.set(backup.id, structuredClone(backup));
  }

  /** A rekey of a record is opened, as the step does it that a person's wish comes to. */
  async openRekey(id: string): Promise<Rekey> {
    const record = this.registry.records.get(id);
    if (record === undefined || isRetired(record)) throw new Error(`${id} has no live record`);
    const { ec2InstanceId, current, pending } = record;
    const generation = (pending ?? current).generation + 1;
    const nonce = await this.nonces.compute({ id, ec2InstanceId, generation });
    const rekey = { generation, nonce, openedAt: this.clock.now(), execution: "before", pushes: {} };
    await this.registry.openRekey(id, { rekey, line: { ...LINE, act: "rekey-opened" } });
    return rekey;
  }

  newHost(ec2InstanceId: string): Host {
    // Whoever holds another's credentials draws something else.
    const seed = this.hosts.has(ec2InstanceId) ? `another ${ec2InstanceId}` : ec2InstanceId;
    const host = this.#hostWith(ec2InstanceId, seed);
    this.hosts.set(ec2InstanceId, host);
    return host;
  }

  /** Somebody who has the credentials of a host, and is not it. */
  another({ ec2InstanceId }: Host): Host {
    const other = this.#hostWith(ec2InstanceId, `other ${this.others.length} ${ec2InstanceId}`);
    this.others.push(other);
    return other;
  }

  #hostWith(ec2InstanceId: string, seed: string): Host {
    const { clock, calls, tickets } = this;
    return new Host(ec2InstanceId, {
      ...{ seed, clock, calls, ticketOf: tickets.find },
      write: (sample) => this.write(sample),
      register: (caller, request) => this.#callRegistration(caller, request),
    });
  }

  /** The agent of a host registers once, through the registration function: what came of it, in the agent's word. */
  register(host: Host): Promise<string> {
    // Whatever the agent died of, its daemon is started again.
    return this.#during(host.register().catch(() => "died"));
  }

  /** Somebody has the agent of a host turn, by no command: what it prints. */
  turn(host: Host): Promise<string> {
    return this.#during(
      host.turn().then(
        ({ output }) => output,
        () => "died",
      ),
    );
  }

  /**
   * Runs until nothing moves any more; what waits for time is given it.
   *
   * @throws Error if it goes round in circles, or if something happened that must not: an invariant that did not hold
   *   at some moment, an error that no contract declares
   */
  async settle(): Promise<void> {
    for (;;) {
      await this.#quiet();
      if (this.functions.areRunaway) throw new Error("The flow goes round in circles.");
      if (this.#underway === 0 && !this.flows.areRunning) break;
      const next = this.clock.next();
      if (next === undefined) throw new Error("Something waits for what never comes.");
      this.clock.moveTo(next);
    }
    if (this.broken.length > 0) throw new Error(this.broken[0]);
    if (this.watching) await holdAll(AT_EVERY_MOMENT, this);
  }

  /** Runs until something is so. @throws Error if nothing is left that could make it so */
  async until(isSo: () => boolean): Promise<void> {
    for (await this.#quiet(); !isSo(); await this.#quiet()) {
      const next = this.clock.next();
      if (next === undefined) throw new Error("It never comes about.");
      this.clock.moveTo(next);
    }
  }

  /** The agent of a host has lost its folder, and registers anew: the ID of the newcomer. */
  async registerAnew(host: Host): Promise<string> {
    host.wipe();
    const registered = this.register(host);
    await this.settle();
    await registered;
    return (await host.keyFile())?.id ?? "";
  }

  /** A service of AWS puts an event on the default bus. */
  raise(event: Parameters<EventBus["raise"]>[0]): void {
    void this.#during(this.events.raise(event));
  }

  /** EC2 tells in what state a host is. */
  hostChanged({ ec2InstanceId, state }: Host): void {
    const { source, detailType } = instanceStateChanged;
    this.raise({ source, "detail-type": detailType, resources: [], detail: { "instance-id": ec2InstanceId, state } });
  }

  /** AWS can be reached again, and what was held up goes on to its end. */
  async lift(): Promise<void> {
    this.calls.faults.length = 0;
    this.beBack();
    await this.settle();
  }

  /** AWS can be reached again, and what was held up goes on. */
  beBack(): void {
    this.calls.away = undefined;
    for (const go of this.#lifted.splice(0)) go();
  }

  /**
   * Lets time go by up to a moment, and whatever is due in it happen at its own moment.
   *
   * @throws Error at the first thing that happened and must not: an invariant that did not hold, an error that no contract
   *   declares
   */
  async runTo(moment: number): Promise<void> {
    for (;;) {
      await this.#quiet();
      if (this.functions.areRunaway) throw new Error("The flows go round in circles.");
      if (this.broken.length > 0) throw new Error(this.broken[0]);
      const next = this.clock.next();
      if (next === undefined || next > moment) break;
      this.clock.moveTo(next);
    }
    this.clock.moveTo(moment);
    await this.#look();
  }

  /** The next day: whose agent has no key registers until it has one, and the schedules turn every key that is due, and look at all. */
  async comeRound(): Promise<void> {
    for (const host of this.hosts.values()) {
      for (let tries = 0; tries < 5 && (await host.keyFile()) === undefined; tries += 1) {
        const registered = this.register(host);
        await this.settle();
        await registered;
      }
    }
    await this.pass(ROTATE_EVERY_MS);
    // Who is said to be stopped, and is not, is due only after a look.
    for (const flow of ["fleet-rotation", "watch", "fleet-rotation"] as const) {
      this.flows.start(flow, {});
      await this.settle();
    }
  }

  /** Lets so much time pass that everything before is history, and the agents prove their keys at its end. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    this.#proving = false;
    this.clock.moveTo(end - 4 * INTERVAL_MS);
    this.#proving = true;
    while (this.clock.now() < end) {
      this.clock.moveTo(Math.min(end, this.clock.now() + INTERVAL_MS));
      await this.#quiet();
    }
  }

  async write({ id, ec2InstanceId, ...sample }: Sample): Promise<void> {
    this.timeSeries.write(id, ec2InstanceId, sample);
  }

  everythingWritten(): string {
    const { flows, bus, mail, journal, commands, hosts, audit, findings } = this;
    const histories = flows.all().map((execution) => [execution, flows.history(execution)]);
    const logs = [...hosts.values()].map(({ log }) => log.lines);
    const told = [bus.events, mail.sent, audit.lying, [...findings.all.values()]];
    return JSON.stringify([histories, told, journal.lines, commands.sent, logs]);
  }

  /** Everything that is under way and needs no time comes to rest. The only place that knows how. */
  async #quiet(): Promise<void> {
    let before: number;
    do {
      before = this.calls.count + this.functions.invoked.length;
      await this.#scheduler.waitIdle();
      // Fakes and interpreter need no more than the turns of the event loop.
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    } while (before !== this.calls.count + this.functions.invoked.length || (this.#scheduler.count?.() ?? 0) > 0);
  }

  /** @param call the call after which it is looked; undefined where anything may have happened */
  async #look(call?: string): Promise<void> {
    if (this.watching) await holdAll(AT_EVERY_MOMENT, this, await this.#changes.since(this, call));
  }

  async #during<T>(work: Promise<T>): Promise<T> {
    this.#underway += 1;
    try {
      return await work;
    } finally {
      this.#underway -= 1;
    }
  }

  /** While AWS is away, what would come of it is held up and counts as nothing that is under way. */
  async #reachable(): Promise<void> {
    if (this.calls.away === undefined) return;
    this.#underway -= 1;
    await new Promise<void>((resolve) => this.#lifted.push(resolve));
    this.#underway += 1;
  }

  async #abort(): Promise<void> {
    const running = this.flows.all().find(({ type, status }) => type === "STANDARD" && status === "RUNNING");
    if (running !== undefined) await this.flows.stop(running);
  }

  #keepProving(hostsToo: boolean, everyMs: number): void {
    this.clock.after(everyMs, () => {
      this.#keepProving(hostsToo, everyMs);
      if (!this.#proving || this.calls.away !== undefined) return;
      if (hostsToo) for (const host of this.hosts.values()) void host.prove();
      for (const consumer of this.consumers) void consumer.use();
    });
  }

  async #callRegistration(ec2InstanceId: string, request: RegistrationRequest) {
    const { account, roleIds } = FLEET;
    const userArn = `arn:aws:sts::${account}:assumed-role/KeyturnInstance/${ec2InstanceId}`;
    const iam = { accountId: account, userId: `${roleIds[0]}:${ec2InstanceId}`, userArn };
    const requestContext = { http: { method: "POST" }, authorizer: { iam } };
    const event = { body: JSON.stringify(request), isBase64Encoded: false, requestContext };
    const answer = await this.functions.invoke(functionNameOf({ flow: "registration", name: "register" }), event);
    if (!answer.ok) return readAnswer(502, "");
    const { statusCode, body } = answer.payload as { statusCode: number; body: string };
    return readAnswer(statusCode, body);
  }

  start(flow: FlowName, input: unknown, name?: string): string {
    return this.flows.start(flow, input, name);
  }
}

const COMMAND_CHANGED = { source: commandInvocationChanged.source, "detail-type": commandInvocationChanged.detailType };
