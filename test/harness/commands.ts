import type { CommandState, Commands, SentCommand } from "../../functions/clients/commands.ts";
import { StepError } from "../../functions/shared/errors.ts";
import { NAMES } from "../../infra/wiring.ts";
import type { Scheduler } from "./calls.ts";
import type { HandClock } from "./clock.ts";
import type { Host } from "./host.ts";

/** What befalls the command of a push: how often it reaches the agent, and how often its end is told. */
export interface Delivery {
  arrives: 0 | 1 | 2;
  told: 0 | 1 | 2;
  /** How much later than it was sent it reaches the agent, and its end is told after that, in milliseconds. */
  lateMs?: number;
}

interface CommandParts {
  clock: HandClock;
  scheduler: Scheduler;
  hosts: Map<string, Host>;
  /** Runs the agent's turn on a host; rejects if the agent dies. */
  turn: (host: Host) => Promise<{ output: string; success: boolean }>;
  /** Resolves when AWS can be reached. */
  reachable: () => Promise<void>;
  tell: (detail: Record<string, unknown>) => void;
  /** Something goes on that has to come to its end. */
  underway: <T>(work: Promise<T>) => Promise<T>;
}

/** Run Command: takes a command at once; it reaches the agent some time later, and its end is told later still. */
export class HarnessCommands implements Commands {
  readonly sent: { commandId: string; ec2InstanceId: string; sentAt: number; state: CommandState }[] = [];
  /** What befalls the next ones; where none is left, each arrives once and is told once. */
  readonly deliveries: Delivery[];
  readonly #parts: CommandParts;

  constructor(parts: CommandParts, deliveries: Delivery[]) {
    this.#parts = parts;
    this.deliveries = [...deliveries];
  }

  async send(ec2InstanceId: string): Promise<string> {
    const host = this.#parts.hosts.get(ec2InstanceId);
    if (host?.state !== "running") throw new StepError("InstanceUnreachable", `SSM cannot reach ${ec2InstanceId}.`);
    const commandId = `command ${this.sent.length + 1}`;
    const state: CommandState = { phase: "under way", status: "Pending", output: "" };
    const command = { commandId, ec2InstanceId, sentAt: this.#parts.clock.now(), state };
    const delivery = this.deliveries.shift() ?? { arrives: 1, told: 1 };
    this.sent.push(command);
    void this.#parts.underway(this.#deliver(command, host, delivery));
    return commandId;
  }

  async state(commandId: string, ec2InstanceId: string): Promise<CommandState | undefined> {
    return this.sent.find((one) => one.commandId === commandId && one.ec2InstanceId === ec2InstanceId)?.state;
  }

  async since(ec2InstanceId: string, since: number): Promise<SentCommand[]> {
    const sent = this.sent.filter((one) => one.ec2InstanceId === ec2InstanceId && one.sentAt >= since);
    return sent.map(({ state, commandId, sentAt }) => ({ ...state, commandId, sentAt }));
  }

  async #deliver(command: HarnessCommands["sent"][number], host: Host, delivery: Delivery): Promise<void> {
    const { told, lateMs = 0 } = delivery;
    const { clock, scheduler, reachable, turn, tell } = this.#parts;
    await scheduler.schedule(Promise.resolve(), "delivery");
    if (lateMs > 0) await clock.sleep(lateMs);
    await reachable();
    // Whoever is off, or cut off, when it comes gets none.
    const arrives = host.state === "running" && !host.isCutOff ? delivery.arrives : 0;
    if (arrives === 0) command.state = { ...command.state, phase: "undelivered", status: "DeliveryTimedOut" };
    for (let n = 0; n < arrives; n += 1) {
      const ended = await turn(host).catch(() => ({ output: "", success: false }));
      await reachable();
      const status = ended.success ? "Success" : "Failed";
      command.state = { ...command.state, phase: "over", status, output: ended.output };
      await scheduler.schedule(Promise.resolve(), "agent");
    }
    for (let n = 0; n < told; n += 1) {
      if (lateMs > 0) await clock.sleep(lateMs);
      await scheduler.schedule(Promise.resolve(), "event");
      tell({
        "command-id": command.commandId,
        "document-name": NAMES.pushDocument,
        "instance-id": command.ec2InstanceId,
        "requested-date-time": "",
        status: command.state.phase === "undelivered" ? "TimedOut" : command.state.status,
      });
    }
  }
}
