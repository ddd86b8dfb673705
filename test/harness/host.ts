import type { Register } from "../../agent/registration/call.ts";
import { registerOnce } from "../../agent/registration/register.ts";
import { writeSample } from "../../agent/samples/write-sample.ts";
import type { SeriesWriter } from "../../agent/series/writer.ts";
import { openIdentity } from "../../agent/state/boot.ts";
import type { KeyFile } from "../../agent/state/key-file.ts";
import { placesIn } from "../../agent/state/places.ts";
import { noHooks } from "../../agent/turn/hooks.ts";
import { turn } from "../../agent/turn/turn.ts";
import type { Ticket } from "../../functions/clients/commands.ts";
import type { Sample } from "../../protocol/index.ts";
import { CrashingDisk } from "../agent/fakes/crashing-disk.ts";
import { FakeLog, fakeLock, seededBytes } from "../agent/fakes/parts.ts";
import type { HandClock } from "./clock.ts";

const PLACES = placesIn("/state");

/** A host with the real agent on a disk in memory. */
export class Host {
  readonly ec2InstanceId: string;
  disk = CrashingDisk.with({});
  ip = "10.0.0.4";
  /** What EC2 says of it. */
  state: "running" | "stopped" | "terminated" = "running";
  readonly log = new FakeLog();
  readonly #lock = fakeLock();
  readonly #clock: HandClock;
  readonly #random: (bytes: number) => Buffer;

  constructor(ec2InstanceId: string, clock: HandClock) {
    this.ec2InstanceId = ec2InstanceId;
    this.#clock = clock;
    this.#random = seededBytes(ec2InstanceId);
  }

  /** Gives it the identity and the key of an instance that registered long ago. */
  hold(held: { id: string; generation: number; key: string }): void {
    const own = { version: 1, id: held.id, ec2InstanceId: this.ec2InstanceId };
    this.disk = CrashingDisk.with({
      [PLACES.identity]: JSON.stringify(own),
      [PLACES.key]: JSON.stringify({ ...own, generation: held.generation, key: held.key, nonce: null }),
    });
  }

  async keyFile(): Promise<KeyFile | undefined> {
    return JSON.parse((await this.disk.read(PLACES.key)) ?? "null") ?? undefined;
  }

  /** Obeys a ticket: what `keyturn-agent turn` prints, and whether it exits with success. */
  async turn(ticket: Ticket, write: (sample: Sample) => Promise<void>): Promise<{ output: string; success: boolean }> {
    const result = await turn(
      { ...ticket, generation: String(ticket.generation) },
      {
        ...{ disk: this.disk, places: PLACES, lock: this.#lock, series: series(write), hooks: noHooks, nonce: "hmac" },
        ...{ clock: this.#clock, log: this.log },
      },
    );
    return { output: `${JSON.stringify(result)}\n`, success: "receipt" in result };
  }

  /** Proves its key once, as the daemon does each interval. */
  async prove(write: (sample: Sample) => Promise<void>): Promise<void> {
    if (this.state !== "running") return;
    await writeSample({ disk: this.disk, keyPath: PLACES.key, series: series(write), clock: this.#clock });
  }

  /** Boots and registers once, as the daemon does: whatever came of it, it may be called again. */
  async register(register: Register): Promise<string> {
    const parts = { disk: this.disk, places: PLACES, lock: this.#lock, random: this.#random, log: this.log, register };
    const identity = await openIdentity(parts, this.ec2InstanceId);
    return (await registerOnce(parts, identity, this.ip)).outcome.kind;
  }
}

function series(write: SeriesWriter["write"]): SeriesWriter {
  return { write, close: () => undefined };
}
