import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Parts } from "../parts.ts";
import { AgentSupervisor } from "./agent.ts";
import { MetadataServer, type MetadataSource } from "./metadata.ts";
import type { ScriptResult } from "./shell.ts";
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

/** An instance that is switched on: its metadata service, its agent, and its shell. */
export class RunningInstance {
  readonly #parts: Parts;
  readonly #folder: string;
  readonly #program: AgentProgram | undefined;
  readonly #source: MetadataSource;
  readonly #metadata: MetadataServer;
  readonly #scripts = new Set<TetheredProcess>();
  #agent: AgentSupervisor | undefined;

  constructor(parts: Parts, options: { folder: string; program?: AgentProgram; source: MetadataSource }) {
    this.#parts = parts;
    this.#folder = options.folder;
    this.#program = options.program;
    this.#source = options.source;
    this.#metadata = new MetadataServer(parts, options.source);
  }

  async start(): Promise<void> {
    const metadataEndpoint = await this.#metadata.start();
    const program = this.#program;
    if (program === undefined) return;
    const { ec2InstanceId } = this.#source;
    const own = program.environment({ ec2InstanceId, folder: this.#folder, metadataEndpoint });
    this.#writeAgentCommand(program, own);
    this.#agent = new AgentSupervisor(this.#parts.clock, {
      command: [...program.command, ...program.arguments],
      folder: this.#folder,
      environment: { ...this.#baseEnvironment(), ...own },
    });
    this.#agent.start();
  }

  async stop(): Promise<void> {
    for (const script of this.#scripts) script.kill();
    await Promise.allSettled([...this.#scripts].map((script) => script.ended));
    await this.#agent?.stop();
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
