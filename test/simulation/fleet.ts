import { type InstanceRecord, isRetired } from "../../functions/record/record.ts";
import { NOW } from "../functions/support.ts";
import type { Definitions } from "../harness/definitions.ts";
import type { Host } from "../harness/host.ts";
import { World } from "../harness/world.ts";
import { doOfCredential } from "./credentials/on-call.ts";
import { Shared } from "./credentials/shared.ts";
import { Expectations } from "./expectations.ts";
import type { Ground } from "./ground.ts";
import { History } from "./history.ts";
import { Operator } from "./operator.ts";
import type { Setup } from "./setup.ts";
import { A_MINUTE_MS } from "./times.ts";

/** As somebody might set it who has many instances: each proof costs. */
export const INTERVAL_MS = 10 * A_MINUTE_MS;
export const LOOKS_EVERY_MS = 3 * INTERVAL_MS;
export const PROOFS_EVERY_MS = 2 * LOOKS_EVERY_MS;
/** How often the schedule turns those that are due. */
const RUNS_EVERY_MS = 60 * A_MINUTE_MS;
/** Within which all agents boot first. */
const BOOTS_WITHIN_MS = 60 * A_MINUTE_MS;
/** The series forgets what is older, as its store does by itself; nobody asks for as much. */
const SAMPLES_KEPT_MS = 24 * 60 * A_MINUTE_MS;

const FAILED = ["FAILED", "TIMED_OUT", "ABORTED"];

/** An account with a fleet in it, on a clock moved by hand, and all that is noted of it. */
export class Fleet implements Ground {
  readonly began = NOW;
  readonly world: World;
  /** By number; of a fleet of which only some are simulated, only these. */
  readonly agents: Host[] = [];
  readonly history = new History(NOW);
  readonly operator: Operator;
  readonly expectations: Expectations;
  /** The credentials that its instances share. */
  readonly shared: Shared;
  /** What befell the fleet, and how often, by kind. */
  readonly faults = new Map<string, number>();
  /** How often a key or a credential was turned. */
  rotations = 0;
  /** How many had a number so far. */
  #launched: number;
  /** Whether nothing befalls it any more. */
  isCalm = false;
  #areScheduled = true;
  #seen = { events: 0, mails: 0, struck: 0 };

  /** @param definitions of the flows, where they are not as they stand */
  constructor({ agents, alone }: Pick<Setup, "agents" | "alone">, definitions?: Definitions) {
    this.#launched = agents;
    this.world = new World({
      ...(definitions !== undefined && { definitions }),
      daemons: true,
      mostInvocations: Number.POSITIVE_INFINITY,
      settings: { intervalMs: INTERVAL_MS, looksEveryMs: LOOKS_EVERY_MS, proofsEveryMs: PROOFS_EVERY_MS },
    });
    const raise = this.world.raise.bind(this.world);
    this.world.raise = (event) => {
      this.#noteEvent(event);
      raise(event);
    };
    this.operator = new Operator(this, (mail) => doOfCredential(mail, this));
    this.expectations = new Expectations(this);
    for (let number = 0; number < agents; number += 1) {
      // Whoever is simulated alone boots when he does in the whole fleet, and is called as there.
      if (alone?.includes(number) === false) continue;
      this.later((BOOTS_WITHIN_MS * number) / agents, () => {
        this.agents[number] = this.launch({ number });
      });
    }
    this.shared = new Shared(this);
    this.every(LOOKS_EVERY_MS, () => this.world.start("watch", {}));
    this.every(RUNS_EVERY_MS, () => this.world.start("fleet-rotation", {}));
    this.every(SAMPLES_KEPT_MS, () => this.world.timeSeries.expire(this.now - SAMPLES_KEPT_MS));
  }

  get now(): number {
    return this.world.clock.now();
  }

  /** The agent with a number. */
  agent(number: number): Host {
    const host = this.agents[number];
    if (host === undefined) throw new Error(`there is no agent ${number}`);
    return host;
  }

  /**
   * EC2 makes a host, and it boots.
   *
   * @param disk what lies on its disk, where that is a copy of another one's
   */
  launch({ number = this.#launched++, disk }: { number?: number; disk?: Host["disk"] } = {}): Host {
    const host = this.world.newHost(`i-0${number.toString(16).padStart(16, "0")}`);
    host.ip = `10.0.${number >> 8}.${number & 255}`;
    if (disk !== undefined) host.disk = disk;
    host.boot();
    return host;
  }

  /** The live record that the owner item of a host names; undefined where there is none. */
  recordOf({ ec2InstanceId }: Host): InstanceRecord | undefined {
    const { owners, records } = this.world.registry;
    const record = records.get(owners.get(ec2InstanceId)?.holder ?? "");
    return record === undefined || isRetired(record) ? undefined : record;
  }

  /** Has something happen so much later. */
  later(ms: number, run: () => void): void {
    this.world.clock.after(ms, run);
  }

  note(what: string): void {
    this.history.note(this.now, what);
  }

  /**
   * Lets time go by up to a moment.
   *
   * @param moment milliseconds since 1970
   * @throws Error at the first thing that must not happen
   */
  async runTo(moment: number): Promise<void> {
    while (this.now < moment) {
      await this.world.runTo(Math.min(moment, this.now + A_MINUTE_MS));
      this.#noteNews();
      this.expectations.check();
    }
  }

  /** What was put on the bus, and what was mailed, since it was looked last. */
  #noteNews(): void {
    const { bus, mail, calls } = this.world;
    for (const { detailType, detail } of bus.events.slice(this.#seen.events)) {
      if (detailType === "Key Rotated" || detailType === "Credential Rotated") this.rotations += 1;
      this.note(`${detailType} ${JSON.stringify(detail)}`);
    }
    for (const one of mail.sent.slice(this.#seen.mails)) {
      this.note(`mail: ${one.subject}`);
      this.operator.gets(one);
    }
    for (const caller of calls.struck.slice(this.#seen.struck)) this.note(`a call of ${caller} was struck`);
    this.#seen = { events: bus.events.length, mails: mail.sent.length, struck: calls.struck.length };
  }

  /** What EC2 says of a host, and which executions ended otherwise than they should. */
  #noteEvent({ detail }: Parameters<World["raise"]>[0]): void {
    const { "instance-id": host, state, name, status, error } = detail as Record<string, string>;
    if (state !== undefined) this.note(`EC2 says that ${host} is ${state}`);
    else if (FAILED.includes(status ?? "")) this.note(`execution ${name} ended ${status} with ${error}`);
  }

  /** No schedule starts anything any more. */
  stopSchedules(): void {
    this.#areScheduled = false;
  }

  /** Has something started so often by a schedule. */
  every(ms: number, run: () => void): void {
    this.later(ms, () => {
      this.every(ms, run);
      if (this.#areScheduled) run();
    });
  }
}
