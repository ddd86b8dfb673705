import type { InstanceShell, ScriptResult } from "../ec2/shell.ts";
import type { EventSink, Parts } from "../parts.ts";
import type { AgentRights } from "./agent-rights.ts";
import type { Command, CommandInvocation, CommandStore } from "./command-store.ts";
import { readDocument, type Script } from "./document.ts";
import type { DocumentStore } from "./document-store.ts";
import { raiseCommandChange, raiseInvocationChange } from "./events.ts";
import { isError, isOpen, limitOf, summary } from "./status.ts";

/** How often an instance that is away is looked for. */
const LOOK_AGAIN_MS = 200;
/** What the SSM agent reports of a script that it had to kill. */
const KILLED = 137;

export interface RunnerOptions {
  commands: CommandStore;
  documents: DocumentStore;
  shell: InstanceShell;
  events: EventSink;
  agents: AgentRights;
}

/** Takes commands to the instances and notes what becomes of them. */
export class CommandRunner {
  readonly #parts: Parts;
  readonly #options: RunnerOptions;
  /** The invocations that are being delivered or executed, as `command/instance`. */
  readonly #underWay = new Set<string>();
  readonly #pauses = new Set<() => void>();
  #closed = false;

  constructor(parts: Parts, options: RunnerOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Begins with a command, or goes on with it: as many of its invocations as it allows at once. */
  advance(commandId: string): void {
    if (this.#closed) return;
    const { commands, documents } = this.#options;
    const command = commands.find(commandId);
    if (command === undefined) return;
    if (command.instanceIds.length === 0) this.#enter(command, "NoInstancesInTag");
    const { content } = documents.known(command.documentName, String(command.documentVersion));
    const script = readDocument(content);
    const invocations = commands.invocations(commandId);
    const isUnderWay = ({ instanceId }: CommandInvocation) => this.#underWay.has(`${commandId}/${instanceId}`);
    const atOnce = Math.max(1, limitOf(command.maxConcurrency, command.instanceIds.length));
    const free = atOnce - invocations.filter(isUnderWay).length;
    const waiting = invocations.filter((invocation) => isOpen(invocation.status) && !isUnderWay(invocation));
    for (const invocation of waiting.slice(0, Math.max(0, free))) void this.#handle(command, invocation, script);
  }

  /** Leaves what is under way where it is; the next process goes on with it. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#pauses) cancel();
    this.#pauses.clear();
  }

  async #handle(command: Command, invocation: CommandInvocation, script: Script): Promise<void> {
    const name = `${command.id}/${invocation.instanceId}`;
    this.#underWay.add(name);
    const ended = await this.#deliver(command, invocation, script);
    this.#underWay.delete(name);
    if (this.#closed || ended === undefined) return;
    this.#note(command, { ...ended, ended: this.#parts.clock.now() });
    this.advance(command.id);
  }

  /** @returns how the invocation ended, or `undefined` when the embedded AWS closed first */
  async #deliver(command: Command, pending: CommandInvocation, script: Script): Promise<CommandInvocation | undefined> {
    const { shell, agents } = this.#options;
    let invocation = pending;
    let problem = "";
    let isUnreported = false;
    while (!this.#closed) {
      // It may have been given up meanwhile because of others that failed.
      const kept = this.#options.commands.invocation(command.id, invocation.instanceId);
      if (kept !== undefined && !isOpen(kept.status)) return undefined;
      const state = shell.state(invocation.instanceId);
      if (state === undefined || state === "shutting-down" || state === "terminated") {
        return { ...invocation, status: "Undeliverable" };
      }
      const wasTaken = invocation.status === "InProgress";
      const deadline = wasTaken ? command.expires : command.requested + command.timeoutSeconds * 1000;
      if (this.#parts.clock.now() >= deadline) return { ...invocation, status: "DeliveryTimedOut" };
      const { instanceId } = invocation;
      if (state === "running" && !isUnreported && (wasTaken || agents.takes(instanceId))) {
        if (!wasTaken) {
          invocation = { ...invocation, status: "InProgress", started: this.#parts.clock.now() };
          this.#note(command, invocation);
        }
        const result = await this.#run(instanceId, script);
        if (result !== undefined && !(result instanceof Error)) {
          if (agents.reports(instanceId)) return ended(invocation, result);
          isUnreported = true;
        } else if (result !== undefined && result.message !== problem) {
          problem = result.message;
          this.#parts.log(`A command has to wait: ${problem}`);
        }
      } else if (state !== "running" && invocation.status === "Pending") {
        invocation = { ...invocation, status: "Delayed" };
        this.#note(command, invocation);
      }
      await this.#pause();
    }
    return undefined;
  }

  /**
   * @returns an error when the script could not be started, `undefined` when the instance went away before its end; it
   *   is run again in both cases
   */
  async #run(instanceId: string, script: Script): Promise<ScriptResult | Error | undefined> {
    const { shell } = this.#options;
    const result = await shell.runScript(instanceId, script).catch((error: Error) => error);
    if (result instanceof Error) return this.#closed ? undefined : result;
    const wasCutOff = result.exitCode === null && !result.timedOut;
    return this.#closed || (wasCutOff && shell.state(instanceId) !== "running") ? undefined : result;
  }

  /** Writes down how an invocation stands, what that makes of its command, and tells EventBridge, in one step. */
  #note(command: Command, invocation: CommandInvocation): void {
    const { commands, events } = this.#options;
    this.#parts.store.transaction(() => {
      commands.update(invocation);
      raiseInvocationChange(events, command, invocation);
      const maxErrors = limitOf(command.maxErrors, command.instanceIds.length);
      let invocations = commands.invocations(command.id);
      if (invocations.filter(({ status }) => isError(status)).length > maxErrors) {
        // The rest is not sent any more; what has been taken by its instance runs to its end.
        for (const rest of invocations.filter(({ status }) => status === "Pending" || status === "Delayed")) {
          const terminated: CommandInvocation = { ...rest, status: "Terminated" };
          commands.update(terminated);
          raiseInvocationChange(events, command, terminated);
        }
        invocations = commands.invocations(command.id);
      }
      const status = summary(
        invocations.map((one) => one.status),
        maxErrors,
      );
      if (commands.find(command.id)?.status !== status) this.#enter(command, status);
    });
  }

  #enter(command: Command, status: Command["status"]): void {
    const { commands, events } = this.#options;
    this.#parts.store.transaction(() => {
      commands.setStatus(command.id, status);
      raiseCommandChange(events, { ...command, status });
    });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(LOOK_AGAIN_MS, () => {
        this.#pauses.delete(cancel);
        resolve();
      });
      this.#pauses.add(cancel);
    });
  }
}

function ended(invocation: CommandInvocation, { exitCode, timedOut, stdout, stderr }: ScriptResult): CommandInvocation {
  const responseCode = exitCode ?? KILLED;
  if (timedOut) return { ...invocation, status: "ExecutionTimedOut", responseCode, stdout, stderr };
  if (responseCode === 0) return { ...invocation, status: "Success", responseCode, stdout, stderr };
  const reason = `failed to run commands: exit status ${responseCode}`;
  return { ...invocation, status: "Failed", responseCode, stdout, stderr: `${stderr}${reason}` };
}
