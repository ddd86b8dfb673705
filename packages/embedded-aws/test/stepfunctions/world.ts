import { createHash } from "node:crypto";
import { setImmediate as soon } from "node:timers/promises";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { type Clock, systemClock } from "../../src/clock.ts";
import { Credentials } from "../../src/http/credentials.ts";
import { startServer } from "../../src/http/server.ts";
import { AwsError } from "../../src/http/service.ts";
import type { FunctionInvoker, Invocation, Parts } from "../../src/parts.ts";
import { REGION } from "../../src/place.ts";
import { StepFunctions } from "../../src/stepfunctions/index.ts";
import { Store } from "../../src/store.ts";

export const ROLE = "arn:aws:iam::000000000000:role/states";

/** A clock that stands still until it is moved. */
export class HandClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00.000Z");
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** The process has died, and its timers with it. */
  forget(): void {
    this.#timers = [];
  }

  /** When the next timer is due, in milliseconds from now. */
  next(): number | undefined {
    const times = this.#timers.map(({ at }) => at - this.#now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Moves on, and lets all timers that are due then run. */
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }
}

type Handler = (event: never) => unknown;

/** Functions by name. A handler that throws fails as Lambda reports it; one that gives a promise is under way. */
export class FakeFunctions implements FunctionInvoker {
  readonly calls: { name: string; payload: unknown }[] = [];
  readonly #handlers: Record<string, Handler>;

  constructor(handlers: Record<string, Handler>) {
    this.#handlers = handlers;
  }

  async invoke(functionName: string, payload: unknown): Promise<Invocation> {
    const name = functionName.split(":").at(-1) ?? "";
    const handler = this.#handlers[name];
    if (handler === undefined) throw new AwsError("ResourceNotFoundException", `Function not found: ${name}`, 404);
    this.calls.push({ name, payload });
    try {
      return { ok: true, payload: await handler(payload as never) };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      return { ok: false, errorType, errorMessage };
    }
  }
}

/** An error as a function throws it. */
export function named(name: string, message = "It failed."): Error {
  return Object.assign(new Error(message), { name });
}

export interface World {
  client: SFNClient;
  clock: HandClock;
  stepFunctions: StepFunctions;
  functions: FakeFunctions;
  /** The status events, as `name: STATUS`. */
  raised: string[];
  /** All that these events tell. */
  details: Record<string, unknown>[];
  log: string[];
  /** Makes a machine and returns its ARN. */
  machine(
    states: object,
    options?: { name?: string; type?: "EXPRESS"; startAt?: string; top?: object },
  ): Promise<string>;
  /** Starts an execution of new machine and returns its ARN. */
  begin(states: object, input?: unknown, options?: Parameters<World["machine"]>[1]): Promise<string>;
  /** Makes a machine, runs it to its end and returns how it went. */
  run(states: object, input?: unknown, options?: Parameters<World["machine"]>[1]): Promise<Ended>;
  ended(executionArn: string): Promise<Ended>;
  history(executionArn: string): Promise<HistoryEvent[]>;
  /** Waits until the history holds so many events of a type. */
  until(executionArn: string, type: string, count?: number): Promise<HistoryEvent>;
  close(): Promise<void>;
  /** Ends as if the process had died: nothing is told, nothing more reaches the store. */
  kill(): Promise<void>;
}

export interface Ended {
  arn: string;
  status: string | undefined;
  output: unknown;
  error: string | undefined;
  cause: string | undefined;
  events: HistoryEvent[];
}

/** Step Functions behind a server, with a clock moved by hand. The only place that makes clients. */
export async function openWorld(
  options: { handlers?: Record<string, Handler>; folder?: string; clock?: HandClock; seed?: string } = {},
): Promise<World> {
  const clock = options.clock ?? new HandClock();
  const log: string[] = [];
  const details: World["details"] = [];
  const raised: string[] = [];
  const store = new Store(options.folder);
  const parts: Parts = { store, clock, random: seeded(options.seed ?? "world"), log: (sentence) => log.push(sentence) };
  const functions = new FakeFunctions(options.handlers ?? {});
  const stepFunctions = new StepFunctions(parts, {
    functions,
    events: {
      raise({ detail }) {
        details.push(detail);
        raised.push(`${detail.name}: ${detail.status}`);
      },
    },
  });
  const forServer = { ...parts, clock: systemClock };
  const credentials = new Credentials(forServer);
  const server = await startServer({ port: 0, services: [stepFunctions.service], credentials, parts: forServer });
  const operator = { kind: "operator", arn: "arn:aws:iam::000000000000:user/operator", userId: "operator" } as const;
  const client = new SFNClient({
    endpoint: server.endpoint,
    region: REGION,
    credentials: credentials.issue(operator, { temporary: false }),
    disableHostPrefix: true,
    maxAttempts: 1,
  });
  stepFunctions.start();

  let machines = 0;
  const describe = (executionArn: string): Promise<DescribeExecutionOutput> =>
    client.send(new DescribeExecutionCommand({ executionArn }));
  const world: World = {
    ...{ client, clock, stepFunctions, functions, raised, details, log },
    async machine(states, { name, type, startAt, top } = {}) {
      machines += 1;
      const definition = {
        QueryLanguage: "JSONata",
        StartAt: startAt ?? Object.keys(states)[0],
        States: states,
        ...top,
      };
      const given = { name: name ?? `machine-${machines}`, type: type ?? "STANDARD", roleArn: ROLE } as const;
      const command = new CreateStateMachineCommand({ ...given, definition: JSON.stringify(definition) });
      return (await client.send(command)).stateMachineArn ?? "";
    },
    async begin(states, input = {}, machine = {}) {
      const stateMachineArn = await world.machine(states, machine);
      const command = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
      return (await client.send(command)).executionArn ?? "";
    },
    async run(states, input, machine) {
      return world.ended(await world.begin(states, input, machine));
    },
    async ended(arn) {
      let described = await describe(arn);
      while (described.status === "RUNNING") {
        // Only waits and back-offs are left to pass; what is under way takes turns of the event loop.
        await soon();
        clock.advance(0);
        described = await describe(arn);
      }
      const { status, output, error, cause } = described;
      const events = await world.history(arn);
      return { arn, status, output: output === undefined ? undefined : JSON.parse(output), error, cause, events };
    },
    async history(executionArn) {
      const events: HistoryEvent[] = [];
      let nextToken: string | undefined;
      do {
        const command = new GetExecutionHistoryCommand({ executionArn, ...(nextToken && { nextToken }) });
        const page = await client.send(command);
        events.push(...(page.events ?? []));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return events;
    },
    async until(arn, type, count = 1) {
      for (;;) {
        const found = (await world.history(arn)).filter((event) => event.type === type)[count - 1];
        if (found !== undefined) return found;
        await soon();
      }
    },
    async close() {
      client.destroy();
      await stepFunctions.close();
      await server.close();
      store.close();
    },
    async kill() {
      store.close();
      clock.forget();
      client.destroy();
      await server.close();
    },
  };
  return world;
}

/** Bytes that look random and are the same in every run. */
function seeded(seed: string): (bytes: number) => Buffer {
  let count = 0;
  return (bytes) => {
    const blocks: Buffer[] = [];
    for (let length = 0; length < bytes; length += 32) {
      count += 1;
      blocks.push(createHash("sha256").update(`${seed} ${count}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, bytes);
  };
}

/** A history in short: `2<0 PassStateEntered A`. */
export function short(events: HistoryEvent[]): string[] {
  return events.map(({ id, previousEventId, type, ...details }) => {
    const detail = Object.values(details).find((value) => typeof value === "object" && !(value instanceof Date));
    const { name, index } = (detail ?? {}) as { name?: string; index?: number };
    const which = [name, index].filter((part) => part !== undefined).join(" ");
    return `${id}<${previousEventId} ${type}${which === "" ? "" : ` ${which}`}`;
  });
}

export function lambda(name: string): string {
  return `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
}
