import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../http/credentials.ts";
import type { Service } from "../http/service.ts";
import { assumedRole, type Role } from "../iam/role.ts";
import type { EventSink, Parts } from "../parts.ts";
import { arnOf } from "../place.ts";
import { operations } from "./api.ts";
import { type InstanceRow, InstanceStore } from "./instance-store.ts";
import { type AgentProgram, type ApplicationsOf, RunningInstance } from "./running-instance.ts";
import type { InstanceShell, InstanceState, ScriptResult } from "./shell.ts";

export type { AgentPlace, AgentProgram, Application, ApplicationsOf } from "./running-instance.ts";
export type { InstanceShell, InstanceState, ScriptResult } from "./shell.ts";

export interface InstancesOptions {
  /** Where each instance has a folder of its ID. */
  folder: string;
  role: Role;
  /** The tags that each has. */
  tags?: Readonly<Record<string, string>>;
  /** What runs on each instance; without it nothing does. */
  agent?: AgentProgram;
  /** What runs beside it. */
  applicationsOf?: ApplicationsOf;
  credentials: Pick<Credentials, "issue">;
  events: EventSink;
}

/** EC2: instances, each a folder, a metadata service and an agent as a process. */
export class Instances implements InstanceShell {
  readonly service: Service;
  readonly #parts: Parts;
  readonly #options: InstancesOptions;
  readonly #store: InstanceStore;
  readonly #running = new Map<string, RunningInstance>();
  /** For each instance what is being done to it; one thing after the other. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** When each instance entered its state, and from which; none for one that was launched. */
  readonly #changes = new Map<string, { at: number; before?: InstanceState }>();
  #closed = false;

  constructor(parts: Parts, options: InstancesOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#store = new InstanceStore(parts);
    this.service = {
      signingName: "ec2",
      protocol: { kind: "query", xmlns: "http://ec2.amazonaws.com/doc/2016-11-15/", dialect: "ec2" },
      operations: operations(this, parts.log),
    };
  }

  get roleName(): string {
    return this.#options.role.name;
  }

  get tags(): Readonly<Record<string, string>> {
    return this.#options.tags ?? {};
  }

  /** Brings the instances to where they were or were going when the former process ended. */
  start(): void {
    for (const { id } of this.#store.all()) this.#follow(id);
  }

  /** Launches instances, which are pending then, and soon running. */
  launch(count: number): InstanceRow[] {
    const reservation = this.#store.newId("r");
    const rows = this.#parts.store.transaction(() =>
      Array.from({ length: count }, () => {
        const row = this.#store.add(reservation);
        this.#changes.set(row.id, { at: row.launched });
        this.#raise(row.id, row.state);
        return row;
      }),
    );
    for (const { id } of rows) this.#follow(id);
    return rows;
  }

  list(): InstanceRow[] {
    return this.#store.all();
  }

  /** Those that EC2 describes: where reading lags, one just launched is not among them, one just changed is as before. */
  described(): InstanceRow[] {
    const since = this.#parts.clock.now() - (this.#parts.faults?.lagMs("instances") ?? 0);
    return this.#store.all().flatMap((row) => {
      const change = this.#changes.get(row.id);
      if (change === undefined || change.at <= since) return row;
      return change.before === undefined ? [] : { ...row, state: change.before };
    });
  }

  find(ec2InstanceId: string): InstanceRow | undefined {
    return this.#store.find(ec2InstanceId);
  }

  state(ec2InstanceId: string): InstanceState | undefined {
    return this.#store.find(ec2InstanceId)?.state;
  }

  folderOf(ec2InstanceId: string): string {
    return join(this.#options.folder, ec2InstanceId);
  }

  /** Sends instances on their way to another state; what they were in before is for the caller to judge. */
  send(ec2InstanceIds: string[], state: "pending" | "stopping" | "shutting-down"): void {
    this.#parts.store.transaction(() => {
      for (const id of ec2InstanceIds) this.#enter(id, state);
    });
    for (const id of ec2InstanceIds) this.#follow(id);
  }

  /** Gives an instance another private address. On AWS this takes a new network interface; here it is done at once. */
  changeIp(ec2InstanceId: string): string {
    const ip = this.#store.freeIp();
    this.#store.setIp(ec2InstanceId, ip);
    return ip;
  }

  /**
   * Sends the agent of an instance a signal, as whoever is root there may: `SIGSTOP` makes one that hangs, `SIGCONT` has it go on.
   *
   * @throws Error where none runs there
   */
  signalAgent(ec2InstanceId: string, signal: NodeJS.Signals): void {
    const running = this.#running.get(ec2InstanceId);
    if (running === undefined) throw new Error(`Instance ${ec2InstanceId} is not running.`);
    running.signalAgent(signal);
  }

  async runScript(ec2InstanceId: string, run: { script: string; timeoutMs: number }): Promise<ScriptResult> {
    const running = this.#running.get(ec2InstanceId);
    if (running === undefined) throw new Error(`Instance ${ec2InstanceId} is not running.`);
    const result = await running.runScript(run.script, run.timeoutMs);
    // What is cut off because the embedded AWS closes has no result, as if it had died; the next process runs it again.
    return this.#closed ? new Promise<never>(() => undefined) : result;
  }

  /** Resolves when no instance is on its way to another state any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }

  /** Switches all instances off; the store keeps their states. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.settled();
    await Promise.all([...this.#running.values()].map((running) => running.stop()));
    this.#running.clear();
  }

  #follow(id: string): void {
    const before = this.#underWay.get(id) ?? Promise.resolve();
    const after = before
      .then(() => this.#bring(id))
      .catch((error: Error) => this.#parts.log(`Instance ${id} did not do as it was told: ${error.message}`))
      .finally(() => {
        if (this.#underWay.get(id) === after) this.#underWay.delete(id);
      });
    this.#underWay.set(id, after);
  }

  /** Makes the instance what the stored state says, and lets the state arrive. */
  async #bring(id: string): Promise<void> {
    const row = this.#store.find(id);
    if (row === undefined || this.#closed) return;
    const { state } = row;
    if (state === "pending" || state === "running") {
      await this.#switchOn(row);
      if (this.state(id) === "pending") this.#arrive(id, "running");
    } else {
      await this.#running.get(id)?.stop();
      this.#running.delete(id);
      const now = this.state(id);
      if (now === "stopping") this.#arrive(id, "stopped");
      if (now === "shutting-down") this.#arrive(id, "terminated");
    }
  }

  async #switchOn({ id, launched }: InstanceRow): Promise<void> {
    if (this.#running.has(id)) return;
    const folder = this.folderOf(id);
    mkdirSync(folder, { recursive: true });
    const { role, agent, applicationsOf, credentials } = this.#options;
    const running = new RunningInstance(this.#parts, {
      folder,
      ...(agent !== undefined && { program: agent }),
      ...(applicationsOf !== undefined && { applicationsOf }),
      source: {
        ec2InstanceId: id,
        roleName: role.name,
        launched,
        ip: () => this.#store.find(id)?.ip ?? "",
        issueCredentials: () => credentials.issue(assumedRole("instance", role, id), { temporary: true }),
      },
    });
    await running.start();
    this.#running.set(id, running);
  }

  #arrive(id: string, state: InstanceState): void {
    this.#parts.store.transaction(() => this.#enter(id, state));
  }

  #enter(id: string, state: InstanceState): void {
    const before = this.state(id);
    this.#changes.set(id, { at: this.#parts.clock.now(), ...(before !== undefined && { before }) });
    this.#store.setState(id, state);
    this.#raise(id, state);
  }

  #raise(id: string, state: InstanceState): void {
    this.#options.events.raise({
      source: "aws.ec2",
      "detail-type": "EC2 Instance State-change Notification",
      resources: [arnOf("ec2", `instance/${id}`)],
      detail: { "instance-id": id, state },
    });
  }
}
