import { AwsError, compilePattern, type EventSink, inputFor } from "embedded-aws";
import { readAnswer } from "../../agent/registration/answer.ts";
import { commandInvocationChanged } from "../../events/aws/command-invocation-changed.ts";
import { fakeBus } from "../../functions/clients/bus.fake.ts";
import type { Executions } from "../../functions/clients/executions.ts";
import { fakeMail } from "../../functions/clients/mail.fake.ts";
import { fakeNonces } from "../../functions/clients/nonces.fake.ts";
import type { Registrations } from "../../functions/clients/registrations.ts";
import { fakeRegistry } from "../../functions/clients/registry.fake.ts";
import { fakeTimeSeries } from "../../functions/clients/time-series.fake.ts";
import { fakeVault } from "../../functions/clients/vault.fake.ts";
import type { InstanceRecord } from "../../functions/record/record.ts";
import { StepError } from "../../functions/shared/errors.ts";
import { functionNameOf } from "../../functions/steps.ts";
import { type FlowName, rules } from "../../infra/wiring.ts";
import { flowArn } from "../../local/deploy-data.ts";
import type { RegistrationRequest, Sample } from "../../protocol/index.ts";
import {
  collectingJournal,
  hex64Of,
  INTERVAL_MS,
  NOW,
  ROTATE_EVERY_MS,
  SKEW_MS,
  seededRandom,
} from "../functions/support.ts";
import { Calls, type Fault, inOrder, type Scheduler } from "./calls.ts";
import { HandClock } from "./clock.ts";
import { type Delivery, HarnessCommands } from "./commands.ts";
import { type Definitions, NUMBERS, type Numbers, readDefinitions } from "./definitions.ts";
import { busEvent, Flows } from "./flows.ts";
import { Functions } from "./functions.ts";
import { Host } from "./host.ts";
import { Watch } from "./watch.ts";

export interface WorldOptions {
  definitions?: Definitions;
  numbers?: Partial<Numbers>;
  scheduler?: Scheduler;
  faults?: Fault[];
  deliveries?: Delivery[];
}

const FLEET = { partition: "aws", account: "000000000000", roleIds: ["AROAFLEET"] };

/** One account: the flows from their files, the real steps on fakes, hosts with the real agent, one clock for all. */
export class World {
  readonly clock = new HandClock(NOW);
  readonly random = seededRandom();
  readonly vault = fakeVault(this.random);
  readonly nonces = fakeNonces(this.random);
  readonly registry = fakeRegistry();
  readonly timeSeries = fakeTimeSeries();
  readonly bus = fakeBus();
  readonly mail = fakeMail();
  readonly journal = collectingJournal();
  readonly hosts = new Map<string, Host>();
  readonly watch = new Watch(this);
  readonly calls: Calls;
  readonly commands: HarnessCommands;
  readonly functions: Functions;
  readonly flows: Flows;
  /** How the next starts of executions by a flow fail, by the flow that is started. */
  readonly refusedStarts: string[] = [];
  /** Sentences of the interpreter: there must be none. */
  readonly broken: string[] = [];
  readonly #scheduler: Scheduler;
  readonly #rules = rules(flowArn).map((rule) => ({ ...rule, matches: compilePattern(JSON.stringify(rule.pattern)) }));
  #underway = 0;
  #lifted: (() => void)[] = [];
  #proving = true;

  constructor({ definitions = readDefinitions(), ...options }: WorldOptions = {}) {
    const scheduler = options.scheduler ?? inOrder;
    this.#scheduler = scheduler;
    const { clock } = this;
    this.calls = new Calls({ clock, scheduler, check: () => this.watch.check(), abort: () => this.#abort() });
    this.calls.faults.push(...(options.faults ?? []));
    this.commands = new HarnessCommands(
      {
        ...{ scheduler, hosts: this.hosts, reachable: () => this.#reachable() },
        turn: (host, ticket) =>
          this.calls.pass("agent", "agent.turn", () =>
            host.turn(ticket, (sample) => this.calls.pass("agent", "series.write", () => this.#write(sample))),
          ),
        tell: (detail) => this.#raise({ ...NAMING, resources: [], detail }),
        underway: (work) => this.#during(work),
      },
      options.deliveries ?? [],
    );
    const neighbours = (caller: string) => this.#neighboursOf(caller);
    this.functions = new Functions({ clock, calls: this.calls, neighbours });
    const numbers = { ...NUMBERS, ...options.numbers };
    const log = (sentence: string) => void this.broken.push(sentence);
    this.flows = new Flows(
      definitions,
      { clock, random: seededRandom("flows"), numbers, log },
      {
        functions: this.functions,
        events: { raise: (event) => this.#raise(event) },
        beforeStart: () => {
          const code = this.refusedStarts.shift();
          if (code !== undefined && code !== "") throw new AwsError(code, "refused by the harness");
        },
      },
    );
    this.#keepProving();
  }

  /** A host that registered long ago, whose key is due, and that has proved it lately. */
  async settledHost(id: string, ec2InstanceId: string, changes: Partial<InstanceRecord> = {}): Promise<Host> {
    const host = this.newHost(ec2InstanceId);
    const key = hex64Of(`first key of ${id}`);
    host.hold({ id, generation: 1, key });
    const longAgo = NOW - 7 * ROTATE_EVERY_MS;
    await this.registry.add({
      ...{
        id,
        ec2InstanceId,
        ip: host.ip,
        status: "ACTIVE",
        agentPublic: hex64Of("agent"),
        serverPublic: hex64Of("server"),
      },
      ...{ registeredAt: longAgo, startedAt: longAgo, dueAt: NOW - 1000 },
      current: {
        ...{ generation: 1, nonce: "", since: longAgo },
        ciphertext: await this.vault.seal(key, { id, ec2InstanceId, generation: 1 }),
      },
      ...changes,
    });
    await host.prove((sample) => this.#write(sample));
    return host;
  }

  newHost(ec2InstanceId: string): Host {
    const host = new Host(ec2InstanceId, this.clock);
    this.hosts.set(ec2InstanceId, host);
    return host;
  }

  start(flow: FlowName, input: unknown, name?: string): string {
    return this.flows.start(flow, input, name);
  }

  /** The agent of a host registers once, through the registration function. */
  register(host: Host): Promise<string> {
    return this.#during(host.register(async (request) => this.#callRegistration(host, request)));
  }

  /** Runs until nothing moves any more; what waits for time is given it. @throws Error if it goes round in circles */
  async settle(): Promise<void> {
    for (;;) {
      await this.#quiet();
      if (this.functions.areRunaway) throw new Error("The flow goes round in circles.");
      if (this.#underway === 0 && !this.flows.areRunning) break;
      const next = this.clock.next();
      if (next === undefined) throw new Error("Something waits for what never comes.");
      this.clock.moveTo(next);
    }
    await this.watch.check();
  }

  /** AWS can be reached again, and what was held up goes on. */
  async lift(): Promise<void> {
    this.calls.away = undefined;
    this.calls.faults.length = 0;
    for (const go of this.#lifted.splice(0)) go();
    await this.settle();
  }

  /** Lets so much time pass that everything before is history, and the agents prove their keys at its end. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    this.#proving = false;
    this.clock.moveTo(end - 12 * INTERVAL_MS);
    this.#proving = true;
    while (this.clock.now() < end) {
      this.clock.moveTo(Math.min(end, this.clock.now() + INTERVAL_MS));
      await this.#quiet();
    }
  }

  /** Everything that is under way and needs no time comes to rest. The only place that knows how. */
  async #quiet(): Promise<void> {
    let before: number;
    do {
      before = this.calls.made.length + this.functions.invoked.length;
      await this.#scheduler.waitIdle();
      // Fakes and interpreter need no more than the turns of the event loop.
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    } while (before !== this.calls.made.length + this.functions.invoked.length || (this.#scheduler.count?.() ?? 0) > 0);
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

  #keepProving(): void {
    this.clock.after(INTERVAL_MS, () => {
      this.#keepProving();
      if (!this.#proving || this.calls.away !== undefined) return;
      for (const host of this.hosts.values()) void host.prove((sample) => this.#write(sample));
    });
  }

  async #write({ id, ec2InstanceId, ...sample }: Sample): Promise<void> {
    this.timeSeries.write(id, ec2InstanceId, sample);
  }

  #raise(event: Parameters<EventSink["raise"]>[0]): void {
    void this.#during(this.#route(event));
  }

  /** EventBridge: an event goes to every rule that it matches, and is tried again while AWS is away. */
  async #route(event: Parameters<EventSink["raise"]>[0]): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), "rule");
    await this.#reachable();
    const written = busEvent(event, this.clock.now());
    for (const { target, matches, name } of this.#rules) {
      if (!matches(written)) continue;
      if ("function" in target) await this.#invoke(functionNameOf(target.function), written);
      else {
        const transformer = { InputPathsMap: target.inputPaths, InputTemplate: target.input };
        const input = JSON.parse(inputFor({ InputTransformer: transformer }, written, { name, arn: name }));
        if ("flow" in target) this.flows.start(target.flow, input);
        else this.mail.sent.push({ subject: "rule", text: String(input) });
      }
    }
  }

  /** Lambda calls an asynchronous function up to three times. */
  async #invoke(functionName: string, event: unknown): Promise<void> {
    for (const waitMs of [60_000, 120_000, 0]) {
      const answer = await this.functions.invoke(functionName, event);
      if (answer.ok || waitMs === 0) return;
      await this.clock.sleep(waitMs);
      await this.#reachable();
    }
  }

  async #callRegistration({ ec2InstanceId }: Host, request: RegistrationRequest) {
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

  /** What a step is given: every neighbour there is, watched. */
  #neighboursOf(caller: string) {
    const watch = <T extends object>(title: string, neighbour: T) => this.calls.watch(caller, title, neighbour);
    const registrations: Registrations = {
      run: async (input) => {
        const { status, output, error } = await this.flows.startSync("registration", input);
        if (status !== "SUCCEEDED") throw new StepError("RegistrationFailed", `It ended ${status}: ${error}`);
        return JSON.parse(output ?? "null");
      },
    };
    const executions: Executions = {
      endTask: (taskToken, end) => this.flows.endTask(taskToken, end),
    };
    const hosts = { state: async (id: string) => this.hosts.get(id)?.state ?? ("gone" as const) };
    return {
      registry: watch("registry", this.registry),
      vault: watch("vault", this.vault),
      timeSeries: watch("timeSeries", this.timeSeries),
      bus: watch("bus", this.bus),
      mail: watch("mail", this.mail),
      commands: watch("commands", this.commands),
      executions: watch("executions", executions),
      registrations: watch("registrations", registrations),
      nonces: watch("nonces", this.nonces),
      hosts: watch("hosts", hosts),
      ...{ now: this.clock.now, random: this.random, journal: this.journal, nonceMode: "hmac", fleet: FLEET },
      ...{
        intervalMs: INTERVAL_MS,
        skewMs: SKEW_MS,
        rotateEveryMs: ROTATE_EVERY_MS,
        sampleIntervalSeconds: INTERVAL_MS / 1000,
      },
    };
  }
}

const NAMING = { source: commandInvocationChanged.source, "detail-type": commandInvocationChanged.detailType };
