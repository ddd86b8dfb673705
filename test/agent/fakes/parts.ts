import { createHash } from "node:crypto";
import type { Log, LogFields } from "../../../agent/log.ts";
import type { SeriesWriter } from "../../../agent/series/writer.ts";
import type { KeyFile } from "../../../agent/state/key-file.ts";
import type { Lock } from "../../../agent/state/lock.ts";
import { placesIn } from "../../../agent/state/places.ts";
import type { Progress, ProgressFile } from "../../../agent/state/progress.ts";
import type { StoredTicket, Tickets } from "../../../agent/turn/tickets.ts";
import type { TurnParts } from "../../../agent/turn/turn.ts";
import { type Sample, type Ticket, ticketProof } from "../../../protocol/index.ts";

export const EC2_INSTANCE_ID = "i-0123456789abcdef0";
export const PLACES = placesIn("/state");
export const KEY = "5ec2e7".padEnd(64, "0");
export const NONCE = "a1".repeat(32);

export const KEY_FILE: KeyFile = {
  version: 1,
  id: "0a1b2c",
  ec2InstanceId: EC2_INSTANCE_ID,
  generation: 4,
  key: KEY,
  nonce: "b2".repeat(32),
};

/** A rightful ticket for the instance of KEY_FILE, unless told otherwise. */
export function ticketFor(held: KeyFile = KEY_FILE, nonce = NONCE): Ticket {
  const { id, ec2InstanceId, key } = held;
  const generation = held.generation + 1;
  return {
    id,
    generation,
    nonce,
    proof: ticketProof({ key, id, ec2InstanceId, generation, nonce }),
  };
}

/** The table of tickets, where this one lies or none. */
export function lying(ticket: StoredTicket | undefined): Tickets {
  return { find: async () => ticket, close: () => undefined };
}

/** For a turn that agrees no key: whoever asks for one all the same fails the test. */
export const noRekey: Pick<TurnParts, "register" | "ip" | "random"> = {
  register: () => Promise.reject(new Error("the registration function was called")),
  ip: async () => "10.0.0.1",
  random: () => {
    throw new Error("something was drawn");
  },
};

export class FakeSeries implements SeriesWriter {
  readonly samples: Sample[] = [];
  /** While set, every write fails with it. */
  failure: Error | undefined;

  async write(sample: Sample): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.samples.push(sample);
  }

  close(): void {}
}

export class FakeLog implements Log {
  readonly lines: string[] = [];
  info = (message: string, fields?: LogFields) => this.#line("info", message, fields);
  warn = (message: string, fields?: LogFields) => this.#line("warn", message, fields);
  error = (message: string, fields?: LogFields) => this.#line("error", message, fields);

  #line(level: string, message: string, fields: LogFields = {}): void {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  }
}

export class FakeProgress implements Progress {
  state: Partial<ProgressFile> = {};

  async note(change: Partial<ProgressFile>): Promise<void> {
    this.state = { ...this.state, ...change };
  }
}

/** One at a time within this process. */
export function fakeLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return {
    hold(work) {
      const result = last.then(work);
      // The next one waits for the end of this one, whatever it came to.
      last = result.catch(() => undefined);
      return result;
    },
  };
}

/** Bytes that look random and are the same in each run. */
export function seededBytes(seed: string): (bytes: number) => Buffer {
  let count = 0;
  return (bytes) => {
    count += 1;
    return createHash("sha256").update(`${seed} ${count}`).digest().subarray(0, bytes);
  };
}
