import { appendFileSync, closeSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { TetheredProcess } from "./tether.ts";

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
/** A program that ran this long starts without delay when it ends. */
const STEADY_MS = 10_000;
/** How long a program may take to end when asked to. */
const STOPPING_MS = 5_000;

export interface SupervisorOptions {
  /** By which it is called: what it prints goes to `NAME.log` in its folder. */
  name: string;
  command: readonly string[];
  folder: string;
  environment: Record<string, string>;
}

/** Keeps a program of one instance running, as systemd would: starts it again when it ends, ever later if that is soon. */
export class Supervisor {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #command: readonly string[];
  readonly #folder: string;
  readonly #environment: Record<string, string>;
  #process: TetheredProcess | undefined;
  #cancelRestart: (() => void) | undefined;
  #delayMs = FIRST_DELAY_MS;
  #stopped = false;

  constructor(clock: Clock, options: SupervisorOptions) {
    this.#clock = clock;
    this.#name = options.name;
    this.#command = options.command;
    this.#folder = options.folder;
    this.#environment = options.environment;
  }

  start(): void {
    const began = this.#clock.now();
    const log = openSync(this.#log, "a");
    const process = new TetheredProcess(this.#command, {
      cwd: this.#folder,
      environment: this.#environment,
      output: log,
    });
    closeSync(log);
    this.#process = process;
    process.ended.then(
      ({ exitCode, signal }) => this.#ended(began, signal ?? `exit code ${exitCode}`),
      (error: Error) => this.#ended(began, error.message),
    );
  }

  /** Sends the program a signal. @throws Error where it does not run just now */
  signal(signal: NodeJS.Signals): void {
    if (this.#process === undefined) throw new Error(`The ${this.#name} does not run just now.`);
    this.#process.signal(signal);
  }

  /** Ends the program: asks first, and kills it after five seconds. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRestart?.();
    const process = this.#process;
    if (process === undefined) return;
    process.terminate();
    const cancelKill = this.#clock.after(STOPPING_MS, () => process.kill());
    await process.ended.catch(() => undefined); // One that could never be started has ended, too.
    cancelKill();
  }

  get #log(): string {
    return join(this.#folder, `${this.#name}.log`);
  }

  #ended(began: number, how: string): void {
    this.#process = undefined;
    if (this.#stopped) return;
    if (this.#clock.now() - began >= STEADY_MS) this.#delayMs = FIRST_DELAY_MS;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    appendFileSync(this.#log, `The ${this.#name} ended (${how}); it starts again in ${delayMs} ms.\n`);
    this.#cancelRestart = this.#clock.after(delayMs, () => this.start());
  }
}
