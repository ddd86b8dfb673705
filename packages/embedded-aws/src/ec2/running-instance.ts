import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Parts } from "../parts.ts";
import { MetadataServer, type MetadataSource } from "./metadata.ts";
import type { ScriptResult } from "./shell.ts";
import { Supervisor } from "./supervisor.ts";
import { TetheredProcess } from "./tether.ts";

/** Characters of a script's output that are kept; SSM shows fewer. */
const OUTPUT_LIMIT = 100_000;
/** How long a script's output may stay open after its end, held by a process that left its group. */
const LATE_OUTPUT_MS = 500;

/** What an agent is told of its instance. */
export interface AgentPlace {
  ec2InstanceId: string;
  folder: string;
  /** `http://127.0.0.1:port` */
  metadataEndpoint: string;
}

/** The program that runs on each instance, started again when it ends. */
export interface AgentProgram {
  /** The command by which scripts on the instance find it. */
  name: string;
  /** How it is started, e.g. `[node, agent file]`; the command of its name does the same. */
  command: readonly string[];
  /** What makes it run for good, e.g. `["run"]`. */
  arguments: readonly string[];
  environment: (place: AgentPlace) => Record<string, string>;
}

/** Another program on an instance, started again when it ends; what it prints is in `NAME.log` in the instance's folder. */
export interface Application {
  name: string;
  /** The program and its arguments. */
  command: readonly string[];
  environment: Record<string, string>;
}

/** What else runs on an instance; asked each time that it is switched on. */
export type ApplicationsOf = (place: AgentPlace) => readonly Application[];

export interface RunningInstanceOptions {
  folder: string;
  program?: AgentProgram;
  applicationsOf?: ApplicationsOf;
  source: MetadataSource;
}

/** An instance that is switched on: its metadata service, its agent and applications, and its shell. */
export class RunningInstance {
  readonly #parts: Parts;
  readonly #folder: string;
  readonly #program: AgentProgram | undefined;
  readonly #applicationsOf: ApplicationsOf;
  readonly #source: MetadataSource;
  readonly #metadata: MetadataServer;
  readonly #scripts = new Set<TetheredProcess>();
  readonly #supervisors: Supervisor[] = [];
  #agent: Supervisor | undefined;

  constructor(parts: Parts, options: RunningInstanceOptions) {
    this.#parts = parts;
    this.#folder = options.folder;
    this.#program = options.program;
    this.#applicationsOf = options.applicationsOf ?? (() => []);
    this.#source = options.source;
    this.#metadata = new MetadataServer(parts, options.source);
  }

  async start(): Promise<void> {
    const metadataEndpoint = await this.#metadata.start();
    const place = { ec2InstanceId: this.#source.ec2InstanceId, folder: this.#folder, metadataEndpoint };
    const program = this.#program;
    if (program !== undefined) {
      const environment = program.environment(place);
      this.#writeAgentCommand(program, environment);
      this.#agent = this.#keepRunning({
        name: "agent",
        command: [...program.command, ...program.arguments],
        environment,
      });
    }
    for (const application of this.#applicationsOf(place)) this.#keepRunning(application);
  }

  /** Sends the agent a signal. @throws Error where none runs */
  signalAgent(signal: NodeJS.Signals): void {
    if (this.#agent === undefined) throw new Error(`Instance ${this.#source.ec2InstanceId} has no agent.`);
    this.#agent.signal(signal);
  }

  async stop(): Promise<void> {
    for (const script of this.#scripts) script.kill();
    await Promise.allSettled([...this.#scripts].map((script) => script.ended));
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.stop()));
    await this.#metadata.close();
  }

  async runScript(script: string, timeoutMs: number): Promise<ScriptResult> {
    const process = new TetheredProcess(["/bin/sh", "-c", script], {
      cwd: this.#folder,
      environment: this.#baseEnvironment(),
      output: "pipe",
    });
    this.#scripts.add(process);
    let timedOut = false;
    const cancelTimer = this.#parts.clock.after(timeoutMs, () => {
      timedOut = true;
      process.kill();
    });
    const outputs = Promise.all([collect(process.stdout), collect(process.stderr)]);
    try {
      const { exitCode } = await process.ended;
      const cancelCut = this.#parts.clock.after(LATE_OUTPUT_MS, () => {
        process.stdout?.destroy();
        process.stderr?.destroy();
      });
      const [stdout, stderr] = await outputs;
      cancelCut();
      return { exitCode, stdout, stderr, timedOut };
    } finally {
      cancelTimer();
      this.#scripts.delete(process);
    }
  }

  #keepRunning({ name, command, environment }: Application): Supervisor {
    const supervisor = new Supervisor(this.#parts.clock, {
      ...{ name, command, folder: this.#folder },
      environment: { ...this.#baseEnvironment(), ...environment },
    });
    this.#supervisors.push(supervisor);
    supervisor.start();
    return supervisor;
  }

  #baseEnvironment(): Record<string, string> {
    const path = process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin";
    return { PATH: `${join(this.#folder, "bin")}:${path}`, HOME: this.#folder };
  }

  /** Makes the agent's name a command of this instance, with the same variables as the agent that runs. */
  #writeAgentCommand({ name, command }: AgentProgram, environment: Record<string, string>): void {
    const variables = Object.entries(environment).map(([key, value]) => `export ${key}=${quoted(value)}\n`);
    const bin = join(this.#folder, "bin");
    mkdirSync(bin, { recursive: true });
    const file = join(bin, name);
    writeFileSync(file, `#!/bin/sh\n${variables.join("")}exec ${command.map(quoted).join(" ")} "$@"\n`);
    chmodSync(file, 0o700);
  }
}

/** A word for the shell, whatever is in it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function collect(stream: Readable | null): Promise<string> {
  if (stream === null) return Promise.resolve("");
  return new Promise((resolve) => {
    let text = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      if (text.length < OUTPUT_LIMIT) text += chunk;
    });
    stream.once("close", () => resolve(text.slice(0, OUTPUT_LIMIT)));
  });
}
