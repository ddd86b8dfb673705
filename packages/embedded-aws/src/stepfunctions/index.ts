import { refuseOthers } from "../http/members.ts";
import type { Operation, Question, Service } from "../http/service.ts";
import type { ExecutionStarter, Parts } from "../parts.ts";
import { machineArn } from "../place.ts";
import { requireArn, requireInput, requireName } from "./api/check.ts";
import { executionOperations, startExecution } from "./api/executions.ts";
import { historyOperations, written } from "./api/history.ts";
import { machineOperations } from "./api/machines.ts";
import { MEMBERS } from "./api/members.ts";
import { tokenOperations } from "./api/tokens.ts";
import { versionOperations } from "./api/versions.ts";
import { Engine, type EngineNeighbours } from "./engine.ts";
import type { ExecutionRecord } from "./execution.ts";
import { MachinesStore } from "./machines-store.ts";
import { executionDoesNotExist, machineDoesNotExist } from "./refusals.ts";
import { readToken } from "./tasks/token.ts";

/** What a call may name. */
interface StatesCall {
  stateMachineArn?: unknown;
  stateMachineAliasArn?: unknown;
  routingConfiguration?: { stateMachineVersionArn?: unknown }[];
  executionArn?: unknown;
  mapRunArn?: unknown;
  taskToken?: unknown;
}

/** AWS Step Functions for state machines in JSONata: Standard, Express and synchronous Express. */
export class StepFunctions implements ExecutionStarter {
  readonly service: Service;
  readonly #machines: MachinesStore;
  readonly #engine: Engine;

  constructor(parts: Parts, neighbours: EngineNeighbours) {
    this.#machines = new MachinesStore(parts.store);
    this.#engine = new Engine(parts, neighbours, this.#machines);
    this.service = {
      signingName: "states",
      protocol: { kind: "json", version: "1.0" },
      operations: heeding(parts.log, {
        ...machineOperations(parts, this.#machines, this.#engine),
        ...versionOperations(parts, this.#machines),
        ...executionOperations(this.#engine, this.#machines),
        ...historyOperations(this.#engine),
        ...tokenOperations(this.#engine),
      }),
      needs: (operation, input: StatesCall) => this.#needs(operation, input),
    };
  }

  /**
   * The execution of a call, or its state machine, also where a version or an alias of it is named. That of a token is,
   * as AWS's denials say, the state machine whose Task waits for it; what is no token is told so without a right.
   */
  #needs(operation: string, call: StatesCall): Question[] | undefined {
    const { stateMachineArn, stateMachineAliasArn, routingConfiguration, executionArn, mapRunArn, taskToken } = call;
    const action = `states:${operation}`;
    if (mapRunArn !== undefined) return [{ action, resource: String(mapRunArn) }];
    const machine = stateMachineArn ?? stateMachineAliasArn ?? routingConfiguration?.[0]?.stateMachineVersionArn;
    if (machine !== undefined) return [{ action, resource: machineArn(String(machine)) }];
    if (executionArn !== undefined) return [{ action, resource: String(executionArn) }];
    if (taskToken === undefined) return undefined;
    const place = readToken(String(taskToken));
    const waiting = place && this.#engine.executions.get(place.execution);
    return waiting === undefined ? [] : [{ action, resource: machineArn(waiting.machineArn) }];
  }

  /** Goes on with the executions that were open when the process ended. */
  start(): void;
  /** Starts an execution, for EventBridge. @throws AwsError as StartExecution does */
  start(stateMachineArn: string, input: string, name?: string): Promise<void>;
  start(stateMachineArn?: string, input?: string, name?: string): Promise<void> | void {
    if (stateMachineArn === undefined) return this.#engine.load();
    return this.#startExecution(stateMachineArn, input, name);
  }

  /** Stops all timers and waits for the steps under way. Open executions go on after the next start. */
  close(): Promise<void> {
    return this.#engine.close();
  }

  /**
   * The history of any execution, in the form of GetExecutionHistory: that of Express executions too, which AWS shows
   * only in its logs.
   *
   * @throws AwsError ExecutionDoesNotExist
   */
  history(executionArn: string): Record<string, unknown>[] {
    const record = this.#engine.executions.find(executionArn);
    if (record === undefined) throw executionDoesNotExist(executionArn);
    return this.#engine.executions.history(record.id).map((event) => written(event));
  }

  /** Executions of a machine, newest first: those of Express machines too. */
  list(stateMachineArn: string, limit = 100): ExecutionRecord[] {
    return this.#engine.executions.list({ by: "machineArn", arn: stateMachineArn, limit });
  }

  async #startExecution(stateMachineArn: string, input: string | undefined, name: string | undefined): Promise<void> {
    const arn = requireArn(stateMachineArn, "stateMachineArn", ["stateMachine"]);
    const machine = this.#machines.startable(arn);
    if (machine === undefined) throw machineDoesNotExist(arn);
    startExecution(this.#engine, machine, requireInput(input), name === undefined ? name : requireName(name));
  }
}

/** The operations, each of which refuses what it would not heed. */
function heeding(log: Parts["log"], operations: Service["operations"]): Service["operations"] {
  const heed = ([name, run]: [string, Operation]): [string, Operation] => [
    name,
    (input, context) => {
      refuseOthers(input, MEMBERS[name] ?? [], log);
      return run(input, context);
    },
  ];
  return Object.fromEntries(Object.entries(operations).map(heed));
}
