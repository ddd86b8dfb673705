import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BusEvent } from "embedded-aws";
import type { KeyFile } from "../../agent/state/key-file.ts";
import { diskOf } from "../instance-disk.ts";
import type { DemoAccount } from "./account.ts";
import {
  type FromAws,
  type Keys,
  type RaisedEvent,
  type ReadMail,
  SHARED_VARIABLE,
  type Shared,
  type ToAws,
} from "./messages.ts";

const AWS_PROCESS = fileURLToPath(new URL("aws-process.ts", import.meta.url));
/** As often as the schedules fire at first, and then no more: a start after a kill must not disturb the story. */
const SCHEDULE_SECONDS = { first: 1, later: 24 * 3600 };

type Ready = Extract<FromAws, { kind: "ready" }>;

/** The embedded AWS in a process of its own, which can be killed and started again. */
export class EmbeddedAccount implements DemoAccount {
  readonly #folder: string;
  readonly #onMessage: (message: FromAws) => void;
  readonly #shared: Shared;
  readonly #waiting = new Map<number, { resolve: (message: FromAws) => void; reject: (error: Error) => void }>();
  readonly #events: BusEvent[] = [];
  #questions = 0;
  #process: ChildProcess | undefined;
  #ready: Ready | undefined;

  /**
   * @param onMessage is told of everything that happens there
   * @param shared whose credentials applications share
   */
  constructor(folder: string, onMessage: (message: FromAws) => void, shared: Shared = {}) {
    this.#folder = folder;
    this.#onMessage = onMessage;
    this.#shared = shared;
  }

  /** Starts the embedded AWS, or starts it again on what is in its folder, at the same port. */
  async start(): Promise<void> {
    const before = this.#ready;
    const port = before === undefined ? "0" : new URL(before.endpoint).port;
    const schedule = before === undefined ? SCHEDULE_SECONDS.first : SCHEDULE_SECONDS.later;
    const child = fork(AWS_PROCESS, [this.#folder, port, String(schedule)], {
      stdio: ["ignore", 2, 2, "ipc"],
      // The superuser's password and the API keys are for no list of processes to show.
      env: { ...process.env, [SHARED_VARIABLE]: JSON.stringify(this.#shared) },
    });
    this.#process = child;
    this.#ready = await new Promise<Ready>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the embedded AWS ended with exit code ${code} before it was up`)));
      child.on("message", (message: FromAws) => {
        if (message.kind === "ready") resolve(message);
        else if (message.kind === "failed") reject(new Error(message.reason));
        else this.#take(message);
      });
    });
    child.once("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the embedded AWS has died"));
    });
    process.env.AWS_ENDPOINT_URL = this.#ready.endpoint;
  }

  get endpoint(): string {
    return this.#up.endpoint;
  }

  get region(): string {
    return this.#up.region;
  }

  get credentials(): Keys {
    return this.#up.credentials;
  }

  async credentialsOf(ec2InstanceId: string): Promise<Keys> {
    const answer = await this.#ask((question) => ({ kind: "credentials", question, ec2InstanceId }));
    return (answer as Extract<FromAws, { kind: "credentials" }>).keys;
  }

  async mails(): Promise<ReadMail[]> {
    const answer = await this.#ask((question) => ({ kind: "mails", question }));
    return (answer as Extract<FromAws, { kind: "mails" }>).mails;
  }

  async raise(event: RaisedEvent): Promise<void> {
    await this.#ask((question) => ({ kind: "raise", question, event }));
  }

  eventsOf(detailType: string): Record<string, unknown>[] {
    return this.#events.filter((event) => event["detail-type"] === detailType).map(({ detail }) => detail);
  }

  readKeyFile(ec2InstanceId: string): Promise<KeyFile> {
    return diskOf(this.folderOf(ec2InstanceId)).readKeyFile();
  }

  writeKeyFile(ec2InstanceId: string, file: KeyFile): Promise<void> {
    return diskOf(this.folderOf(ec2InstanceId)).writeKeyFile(file);
  }

  /** Where an instance's files lie. */
  folderOf(ec2InstanceId: string): string {
    return join(this.#folder, "instances", ec2InstanceId);
  }

  /** Kills the embedded AWS at once (SIGKILL); its instances die with it. */
  async kill(): Promise<void> {
    await this.#end((child) => child.kill("SIGKILL"));
  }

  /** Stops the embedded AWS in order. */
  async close(): Promise<void> {
    await this.#end((child) => child.disconnect());
  }

  async #end(how: (child: ChildProcess) => void): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    how(child);
    await ended;
  }

  get #up(): Ready {
    if (this.#ready === undefined) throw new Error("the embedded AWS has not been started");
    return this.#ready;
  }

  #take(message: FromAws): void {
    if (message.kind === "event") this.#events.push(message.event);
    const answered = "question" in message ? this.#waiting.get(message.question) : undefined;
    if (answered === undefined) this.#onMessage(message);
    else answered.resolve(message);
  }

  #ask(question: (number: number) => ToAws): Promise<FromAws> {
    const number = ++this.#questions;
    return new Promise<FromAws>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#process?.send(question(number), (error) => error && reject(error));
    }).finally(() => this.#waiting.delete(number));
  }
}
