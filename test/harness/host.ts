import type { Clock } from "../../agent/clock.ts";
import { daemon } from "../../agent/daemon.ts";
import type { Disk } from "../../agent/disk.ts";
import type { Answer } from "../../agent/registration/answer.ts";
import type { Register } from "../../agent/registration/call.ts";
import { registerOnce } from "../../agent/registration/register.ts";
import { writeSample } from "../../agent/samples/write-sample.ts";
import type { SeriesWriter } from "../../agent/series/writer.ts";
import { openIdentity } from "../../agent/state/boot.ts";
import type { KeyFile } from "../../agent/state/key-file.ts";
import { placesIn } from "../../agent/state/places.ts";
import type { RekeyFile } from "../../agent/state/rekey-file.ts";
import { type Hooks, noHooks } from "../../agent/turn/hooks.ts";
import type { Tickets } from "../../agent/turn/tickets.ts";
import { turn } from "../../agent/turn/turn.ts";
import type { HostState } from "../../functions/clients/hosts.ts";
import type { RegistrationRequest, Sample, Ticket } from "../../protocol/index.ts";
import { CrashingDisk } from "../agent/fakes/crashing-disk.ts";
import { FakeLog, fakeLock, seededBytes } from "../agent/fakes/parts.ts";
import { hex64Of } from "../functions/support.ts";
import { type Calls, Died, unreachable } from "./calls.ts";
import type { HandClock } from "./clock.ts";

const PLACES = placesIn("/state");

interface HostParts {
  /** What it draws follows from this. */
  seed: string;
  clock: HandClock;
  calls: Calls;
  write: (sample: Sample) => Promise<void>;
  ticketOf: (ec2InstanceId: string, id: string) => Promise<Ticket | undefined>;
  /** The registration function. */
  register: (ec2InstanceId: string, request: RegistrationRequest) => Promise<Answer>;
}

/** A host with the real agent on a disk in memory. */
export class Host {
  readonly ec2InstanceId: string;
  disk = CrashingDisk.with({});
  ip = "10.0.0.4";
  state: HostState = "running";
  /** What EC2 says of it while it is behind; its state where it is not. */
  said: HostState | undefined;
  /** When EC2 started it last, in milliseconds since 1970. */
  launched = 0;
  /** How far its own clock is ahead, in milliseconds: below 0 where it is behind. */
  clockOffMs = 0;
  /** Whether no call of it reaches AWS, nor the other way round. */
  isCutOff = false;
  hooks: Hooks = noHooks;
  /** Who takes the commands that are meant for it, with its credentials. */
  commandsTakenBy: Host | undefined;
  /** Whether its agent was ever asked to turn: who only looks on never answers for anybody. */
  wasAskedToTurn = false;
  /** When somebody altered what lies on its disk last; until it is rekeyed, the design excepts it. */
  alteredAt: number | undefined;
  /** The ID that it was last seen with. */
  lastId: string | undefined;
  readonly log = new FakeLog();
  readonly #parts: HostParts;
  readonly #random: (bytes: number) => Buffer;
  #lock = fakeLock();
  /** How often the power went: with it, whatever ran before is dead. */
  #powerLosses = 0;
  /** Has its daemon, where one runs, started no more; and ends the process of it that runs now. */
  #daemon: AbortController | undefined;
  #daemonProcess: AbortController | undefined;
  /** Its own time, that somebody may set. */
  readonly #clock: Clock;

  constructor(ec2InstanceId: string, parts: HostParts) {
    this.ec2InstanceId = ec2InstanceId;
    this.#parts = parts;
    this.#random = seededBytes(parts.seed);
    const { clock } = parts;
    this.#clock = {
      now: () => clock.now() + this.clockOffMs,
      monotonic: clock.monotonic,
      sleep: clock.sleep.bind(clock),
    };
  }

  /** Gives it the identity and the key of an instance that registered long ago. */
  hold(held: { id: string; generation: number; key: string }): void {
    const own = { version: 1, id: held.id, ec2InstanceId: this.ec2InstanceId };
    this.disk = CrashingDisk.with({
      [PLACES.identity]: JSON.stringify(own),
      [PLACES.key]: JSON.stringify({ ...own, generation: held.generation, key: held.key, nonce: null }),
    });
  }

  /** Its agent has lost its folder. */
  wipe(): void {
    this.disk = CrashingDisk.with({});
    this.alteredAt = undefined;
  }

  /** Somebody alters its key, and nothing else of what its key file says. */
  async alterKey(): Promise<void> {
    const file = await this.keyFile();
    await this.#replaceKeyFile(JSON.stringify({ ...file, key: hex64Of(`altered at ${this.#parts.clock.now()}`) }));
  }

  /** Its key file is there, and cannot be read. */
  damageKeyFile(): Promise<void> {
    return this.#replaceKeyFile('{"version":1,"id":');
  }

  /** Its key file is gone; who it is, its identity file says still. */
  removeKeyFile(): Promise<void> {
    return this.#replaceKeyFile(undefined);
  }

  /** What lies on its disk, to be put back later. */
  backUp(): () => void {
    const disk = this.disk.afterProcessDeath();
    return () => {
      this.disk = disk;
      this.alteredAt = this.#parts.clock.now();
    };
  }

  async #replaceKeyFile(text: string | undefined): Promise<void> {
    const files: [string, string][] = [];
    for (const path of this.disk.files()) files.push([path, (await this.disk.read(path)) ?? ""]);
    const others = files.filter(([path]) => path !== PLACES.key);
    this.disk = CrashingDisk.with(Object.fromEntries(text === undefined ? others : [...others, [PLACES.key, text]]));
    this.alteredAt = this.#parts.clock.now();
  }

  async keyFile(): Promise<KeyFile | undefined> {
    return keyFileOn(this.disk);
  }

  /** The ID by which it is known; undefined where it never registered. */
  async ownId(): Promise<string | undefined> {
    return JSON.parse((await this.disk.read(PLACES.identity)) ?? "{}").id;
  }

  /** Whether its disk holds the pair by which it has answered a rekey. */
  async holdsPairOf(agentPublic: string): Promise<boolean> {
    const { pairs = [] }: Partial<RekeyFile> = JSON.parse((await this.disk.read(PLACES.rekey)) ?? "{}");
    return pairs.some(({ publicKey }) => publicKey === agentPublic);
  }

  /** What of it is left if the power goes now, and nothing lasts that was not synced. */
  async lastingKeyFile(): Promise<KeyFile | undefined> {
    return keyFileOn(this.disk.afterPowerLossAtWorst());
  }

  /**
   * Turns on the ticket that lies for it: what `keyturn-agent turn` prints, and whether it exits with success.
   *
   * @throws Died when the agent died over it
   */
  async turn(): Promise<{ output: string; success: boolean }> {
    this.wasAskedToTurn = true;
    const { disk, series, tickets, register, alive } = this.#process();
    const result = await turn({
      ...{ disk, places: PLACES, lock: this.#lock, tickets, series, hooks: this.hooks, nonce: "hmac" },
      ...{ clock: this.#clock, log: this.log },
      ...{ register, ip: async () => this.ip, random: this.#random },
    });
    alive();
    return { output: `${JSON.stringify(result)}\n`, success: "receipt" in result };
  }

  /** Proves its key once, as the daemon does each interval. */
  async prove(): Promise<void> {
    if (this.state !== "running") return;
    const { write } = this.#parts;
    if (this.alteredAt !== undefined && (await this.keyFile()) === undefined) return;
    const series = { write, close: () => undefined };
    await writeSample({ disk: this.disk, keyPath: PLACES.key, series, clock: this.#clock });
  }

  /** Boots and registers once, as the daemon does: whatever came of it, it may be called again. */
  async register(): Promise<string> {
    const { disk, register } = this.#process();
    const parts = { disk, places: PLACES, lock: this.#lock, random: this.#random, log: this.log, register };
    const identity = await openIdentity(parts, this.ec2InstanceId);
    return (await registerOnce(parts, identity, this.ip)).outcome.kind;
  }

  /** It boots. */
  boot(): void {
    this.state = "running";
    this.launched = this.#parts.clock.now();
    this.startAgent();
  }

  /** Its daemon registers it and proves its key, and is started again whatever it ends by, as systemd does. */
  startAgent(): void {
    this.#daemon?.abort();
    const ends = new AbortController();
    this.#daemon = ends;
    void this.#keepDaemon(ends.signal);
  }

  /** It is shut down by who may: nothing of its disk is lost, and whatever ran on it is dead. */
  shutDown(state: HostState): void {
    this.#daemon?.abort();
    this.#losePower("before");
    this.state = state;
  }

  /** The power goes, and comes back: nothing lasts that was not synced. */
  losePowerAndBoot(): void {
    this.#losePower("after");
    this.boot();
  }

  async #keepDaemon(ends: AbortSignal): Promise<void> {
    while (!ends.aborted) {
      const life = new AbortController();
      this.#daemonProcess = life;
      // Its loops go on whatever a call throws: that it is dead, they are not asked.
      const { disk, series, register } = this.#process(() => life.abort());
      const parts = { disk, places: PLACES, lock: this.#lock, random: this.#random, log: this.log, register };
      const about = { ec2InstanceId: this.ec2InstanceId, metadata: { ip: async () => this.ip } };
      const others = { clock: this.#clock, fraction: this.#fraction, progress: { note: async () => undefined } };
      const seriesAt = () => ({ ...series, follow: () => false });
      const end = AbortSignal.any([ends, life.signal]);
      await daemon({ ...parts, ...about, ...others, seriesAt }, end).catch(() => undefined);
      await this.#clock.sleep(RESTARTED_AFTER_MS, ends);
    }
  }

  readonly #fraction = () => this.#random(4).readUInt32BE() / 2 ** 32;

  /** What one process of the agent touches, each time a call of a neighbour; once it has died, it does nothing more. */
  #process(onDeath?: () => void): {
    disk: Disk;
    series: SeriesWriter;
    tickets: Tickets;
    register: Register;
    alive: () => void;
  } {
    const { calls, write, ticketOf, register } = this.#parts;
    const boot = this.#powerLosses;
    let death: Died | undefined;
    const alive = () => {
      if (death !== undefined) throw death;
      if (boot !== this.#powerLosses) throw new Died("the power went", "before");
    };
    const pass = async <T>(name: string, call: () => Promise<T>, how: "pass" | "passThrough" = "pass"): Promise<T> => {
      alive();
      if (this.isCutOff && !name.startsWith("disk.")) throw unreachable(name);
      try {
        return await calls[how]("agent", name, call);
      } catch (error) {
        if (!(error instanceof Died)) throw error;
        death = error;
        onDeath?.();
        if (name.startsWith("disk.")) this.#losePower(error.when);
        throw error;
      }
    };
    return {
      alive,
      tickets: {
        find: ({ id, ec2InstanceId }) =>
          pass("tickets.find", async () => {
            if (ec2InstanceId === this.ec2InstanceId) return ticketOf(ec2InstanceId, id);
            throw Object.assign(new Error("not its own partition"), { name: "AccessDeniedException" });
          }),
        close: () => undefined,
      },
      register: async (request) => {
        try {
          return await pass("registration", () => register(this.ec2InstanceId, request), "passThrough");
        } catch (error) {
          if (error instanceof Died) throw error;
          // As the agent's own client, which never rejects.
          return { kind: "unavailable", sentence: String(error) };
        }
      },
      series: { write: (sample) => pass("series.write", () => write(sample)), close: () => undefined },
      // Whatever lies there when it is asked for: somebody may have altered it since the process began.
      disk: {
        makeFolder: () => this.disk.makeFolder(),
        read: async (path) => {
          alive();
          return this.disk.read(path);
        },
        write: (path, text) => pass("disk.write", () => this.disk.write(path, text)),
        sync: (path) => pass("disk.sync", () => this.disk.sync(path)),
        rename: (from, to) => pass("disk.rename", () => this.disk.rename(from, to)),
        remove: (path) => pass("disk.remove", () => this.disk.remove(path)),
        syncFolder: (path) => pass("disk.syncFolder", () => this.disk.syncFolder(path)),
      },
    };
  }

  /** Just after an operation nothing lasts that was not synced; just before one, everything happens to. */
  #losePower(when: Died["when"]): void {
    this.disk = when === "after" ? this.disk.afterPowerLossAtWorst() : this.disk.afterPowerLossAtBest();
    this.#lock = fakeLock();
    this.#powerLosses += 1;
    this.#daemonProcess?.abort();
  }
}

/** How long systemd waits before it starts the daemon again (agent/systemd). */
const RESTARTED_AFTER_MS = 5_000;

/** What cannot be read is as good as none. */
async function keyFileOn(disk: CrashingDisk): Promise<KeyFile | undefined> {
  const text = (await disk.read(PLACES.key)) ?? "null";
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
