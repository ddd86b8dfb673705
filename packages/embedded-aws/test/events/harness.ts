import { randomBytes } from "node:crypto";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { type Clock, systemClock } from "../../src/clock.ts";
import { EventBridge, type EventBridgeOptions } from "../../src/events/index.ts";
import { Credentials } from "../../src/http/credentials.ts";
import type { Faults } from "../../src/http/faults.ts";
import { startServer } from "../../src/http/server.ts";
import { AwsError, type Principal } from "../../src/http/service.ts";
import type { BusEvent, Parts } from "../../src/parts.ts";
import { Store } from "../../src/store.ts";

export const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:receiver";
export const MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:rotation";
export const TOPIC = "arn:aws:sns:us-east-1:000000000000:alerts";
export const ROLE = "arn:aws:iam::000000000000:role/events";

const OPERATOR: Principal = { kind: "operator", arn: "arn:aws:iam::000000000000:user/test", userId: "AIDATEST" };

/** A clock that stands until it is moved. */
export class HandClock implements Clock {
  #now = Date.UTC(2026, 10, 20, 9);
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves on, doing what is due in order, and lets promises settle in between. */
  async move(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}

/** Functions, state machines and topics that note what they are given, and fail as long as they are told to. */
export class Receivers {
  readonly received: unknown[] = [];
  readonly executions = new Map<string, string>();
  failure: AwsError | undefined;
  tries = 0;

  readonly functions = {
    invokeAsync: (_arn: string, payload: unknown) => {
      this.#failAsTold();
      this.received.push(payload);
    },
  };

  readonly topics = {
    publish: (_arn: string, message: string) => {
      this.#failAsTold();
      this.received.push(message);
    },
  };

  readonly starter = {
    start: async (_arn: string, input: string, name = "") => {
      this.#failAsTold();
      if (this.executions.has(name)) throw new AwsError("ExecutionAlreadyExists", "It is there already.");
      this.executions.set(name, input);
    },
  };

  #failAsTold(): void {
    this.tries += 1;
    if (this.failure !== undefined) throw this.failure;
  }
}

/** An EventBridge of its own; opened again over the same folder, it goes on where it was. */
export function openBridge(
  receivers: Receivers,
  options: EventBridgeOptions & { clock?: Clock; folder?: string; faults?: Faults } = {},
) {
  const sentences: string[] = [];
  const clock = options.clock ?? new HandClock();
  const parts: Parts = {
    store: new Store(options.folder),
    clock,
    random: randomBytes,
    log: (sentence) => void sentences.push(sentence),
    ...(options.faults && { faults: options.faults }),
  };
  const bridge = new EventBridge(
    parts,
    { functions: receivers.functions, executions: receivers.starter, topics: receivers.topics },
    options,
  );
  return {
    bridge,
    parts,
    sentences,
    close() {
      bridge.close();
      parts.store.close();
    },
  };
}

/** A client of a server with only this EventBridge. */
export async function clientOf(bridge: EventBridge, given: Parts) {
  // Signatures are checked against the time at which the client signs.
  const parts = { ...given, clock: systemClock };
  const credentials = new Credentials(parts);
  const server = await startServer({ port: 0, services: [bridge.service], credentials, parts });
  const client = new EventBridgeClient({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: credentials.issue(OPERATOR, { temporary: false }),
    maxAttempts: 1,
  });
  return {
    client,
    close: () => {
      client.destroy();
      return server.close();
    },
  };
}

/** An event as a service of AWS raises it. */
export function stateChange(state: string): Pick<BusEvent, "source" | "detail-type" | "resources" | "detail"> {
  return {
    source: "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification",
    resources: ["arn:aws:ec2:us-east-1:000000000000:instance/i-0123456789abcdef0"],
    detail: { "instance-id": "i-0123456789abcdef0", state },
  };
}
