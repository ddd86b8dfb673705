import type fc from "fast-check";
import { expect } from "vitest";
import type { CommandState, Ticket } from "../../../functions/clients/commands.ts";
import type { Executions } from "../../../functions/clients/executions.ts";
import { isRetired } from "../../../functions/record/record.ts";
import { endPush } from "../../../functions/rotation/end-push/step.ts";
import type { PushAnswer } from "../../../functions/rotation/push-answer.ts";
import { type ControlPlane, controlPlane, EC2, EXECUTION, ID, INTERVAL_MS, ROTATE_EVERY_MS } from "../support.ts";
import { AnswerLost, type End, type Neighbours, rotate } from "./rotate.ts";

/** What befalls one call that an execution makes: it dies before or after it, or the answer alone is lost. */
export interface Fault {
  /** Its number, counted from 1, or its name: then it is the first of that name. */
  call: number | string;
  what: "dies before" | "dies after" | "loses the call" | "loses the answer";
}

/** What befalls the command of a push: how often it reaches the agent, and how often its end is told. */
export interface Delivery {
  arrives: 0 | 1 | 2;
  told: 0 | 1 | 2;
}

type Scheduler = Pick<fc.Scheduler, "schedule" | "waitIdle">;
type Call = (...args: never[]) => Promise<unknown>;

/** Lets everything happen in the order in which it was asked for. */
export const inOrder: Scheduler = {
  schedule: (task) => task,
  // Whatever the fakes do is over before the event loop turns.
  waitIdle: () => new Promise((resolve) => setImmediate(resolve)),
};

const NEVER = new Promise<never>(() => {});

/**
 * One instance, its record, and executions that run side by side; the scheduler decides whose turn it is at every
 * await. After each call of a neighbour the invariants of the design are checked.
 */
export class World {
  readonly plane: ControlPlane;
  readonly scheduler: Scheduler;
  readonly deliveries: Delivery[];
  readonly ends: End[] = [];
  readonly #waiting = new Map<string, (end: PushAnswer | "timeout") => void>();
  /** Step Functions, as far as tasks wait in it. */
  readonly #executions: Executions = {
    endTask: async (taskToken, end) => {
      const resolve = this.#waiting.get(taskToken);
      this.#waiting.delete(taskToken);
      resolve?.("output" in end ? (end.output as PushAnswer) : (end as PushAnswer));
      return resolve !== undefined;
    },
  };
  readonly #keyOf = new Map<string, string>();
  readonly #issued = new Map<number, string>();
  #generations = { record: 1, instance: 1 };

  private constructor(plane: ControlPlane, scheduler: Scheduler, deliveries: Delivery[]) {
    this.plane = plane;
    this.scheduler = scheduler;
    this.deliveries = deliveries;
  }

  static async create(scheduler: Scheduler, deliveries: Delivery[]): Promise<World> {
    const plane = await controlPlane();
    const world = new World(plane, scheduler, deliveries);
    world.#keyOf.set((await plane.record()).current.ciphertext, plane.instance.key);
    const { seal } = plane.vault;
    plane.vault.seal = async (key, name) => {
      const ciphertext = await seal(key, name);
      world.#keyOf.set(ciphertext, key);
      return ciphertext;
    };
    world.write();
    return world;
  }

  /** The instance writes a sample. */
  write(): void {
    const { instance, clock, timeSeries } = this.plane;
    timeSeries.write(instance.id, instance.ec2InstanceId, instance.sampleAt(clock.at));
  }

  /** Starts an execution; `faults` count its calls of neighbours from 1. */
  start(faults: Fault[]): void {
    const neighbours = this.#faulty(faults);
    const execution = `${EXECUTION}-${this.ends.length}`;
    rotate(ID, neighbours, () => this.#push(), execution).then(
      (end) => this.ends.push(end),
      (error) => this.ends.push(error instanceof AnswerLost ? "TemporarilyUnavailable" : `bug: ${error}`),
    );
  }

  /** Runs until nothing moves any more; then what still waits times out. */
  async settle(): Promise<void> {
    do {
      for (const end of this.#waiting.values()) end("timeout");
      this.#waiting.clear();
      await this.scheduler.waitIdle();
    } while (this.#waiting.size > 0);
    this.check();
  }

  /** Lets so much time pass that everything before is history, with samples as the agent writes them. */
  pass(): void {
    for (let n = 0; n < 12; n += 1) {
      this.plane.clock.at += INTERVAL_MS;
      this.write();
    }
    this.plane.clock.at += ROTATE_EVERY_MS;
    this.write();
  }

  /** Checks that there is no lock-out, one successor, and that no generation goes down. */
  check(): void {
    const record = this.plane.registry.records.get(ID);
    if (record === undefined || isRetired(record)) {
      expect(JSON.stringify(record)).not.toContain("ciphertext");
      return;
    }
    const { instance } = this.plane;
    const known = [record.current, ...(record.pending ? [record.pending] : [])];
    const held = known.find(({ generation }) => generation === instance.generation);
    expect(held && this.#keyOf.get(held.ciphertext), "the instance's key is current or pending").toBe(instance.key);

    for (const { generation, nonce, ciphertext } of known) {
      const issued = `${nonce} ${this.#keyOf.get(ciphertext)}`;
      expect(this.#issued.get(generation) ?? issued, `one successor of generation ${generation}`).toBe(issued);
      this.#issued.set(generation, issued);
    }

    const now = { record: record.current.generation, instance: instance.generation };
    expect(now.record).toBeGreaterThanOrEqual(this.#generations.record);
    expect(now.instance).toBeGreaterThanOrEqual(this.#generations.instance);
    expect(now.record, "only what the instance holds is promoted").toBeLessThanOrEqual(now.instance);
    this.#generations = now;
  }

  #push() {
    const taskToken = `token ${this.plane.random(8).toString("hex")}`;
    const end = new Promise<PushAnswer | "timeout">((resolve) => this.#waiting.set(taskToken, resolve));
    return { taskToken, end };
  }

  /** The neighbours of one execution, each call of which is a point where others may go first, or a fault strikes. */
  #faulty(faults: Fault[]): Neighbours {
    const made: string[] = [];
    const pass = async (name: string, call: () => Promise<unknown>) => {
      const isFirst = !made.includes(name);
      made.push(name);
      const fault = faults.find((one) => one.call === made.length || (isFirst && one.call === name))?.what;
      if (fault === "dies before") return NEVER;
      if (fault === "loses the call") throw new AnswerLost();
      this.plane.clock.at += 1;
      const answer = call();
      // The step's own errors are answers, too.
      await this.scheduler.schedule(
        answer.catch(() => undefined),
        name,
      );
      this.check();
      if (fault === "dies after") return NEVER;
      if (fault === "loses the answer") throw new AnswerLost();
      return answer;
    };
    const watched = <Neighbour extends object>(neighbour: Neighbour): Neighbour =>
      new Proxy(neighbour, {
        get(target, name) {
          const member = Reflect.get(target, name) as unknown;
          if (typeof member !== "function") return member;
          return (...args: never[]) => pass(String(name), () => (member as Call).apply(target, args));
        },
      });
    const { registry, vault, nonces, timeSeries, bus, commands } = this.plane;
    return {
      ...this.plane,
      registry: watched(registry),
      vault: watched(vault),
      nonces: watched(nonces),
      timeSeries: watched(timeSeries),
      bus: watched(bus),
      executions: watched(this.#executions),
      commands: watched({ ...commands, send: (...args: Parameters<typeof commands.send>) => this.#send(...args) }),
    };
  }

  /** SSM takes the command; it reaches the agent some time later, and its end is told some time after that. */
  async #send(ec2InstanceId: string, ticket: Ticket, comment: string): Promise<string> {
    const { sent } = this.plane.commands;
    const commandId = `command ${sent.length + 1}`;
    const delivery = this.deliveries[sent.length] ?? { arrives: 1, told: 1 };
    const state: CommandState = { phase: "under way", status: "Pending", comment, output: "" };
    const command = { commandId, ec2InstanceId, ticket, state };
    sent.push(command);
    void this.#deliver(command, delivery);
    return commandId;
  }

  async #deliver(command: ControlPlane["commands"]["sent"][number], { arrives, told }: Delivery): Promise<void> {
    const { scheduler, plane } = this;
    await scheduler.schedule(Promise.resolve(), "delivery");
    if (arrives === 0) command.state = { ...command.state, phase: "undelivered", status: "DeliveryTimedOut" };
    for (let n = 0; n < arrives; n += 1) {
      const { output, success } = plane.instance.turn(command.ticket);
      this.write();
      this.check();
      command.state = { ...command.state, phase: "over", status: success ? "Success" : "Failed", output };
      await scheduler.schedule(Promise.resolve(), "agent");
    }
    for (let n = 0; n < told; n += 1) {
      await scheduler.schedule(Promise.resolve(), "event");
      await this.#tellOf(command.commandId);
    }
  }

  async #tellOf(commandId: string): Promise<void> {
    const detail = {
      "command-id": commandId,
      "document-name": "Keyturn-Turn",
      "instance-id": EC2,
      "requested-date-time": "",
      status: "Success",
    };
    await endPush({ detail }, { ...this.plane, executions: this.#executions });
  }
}
