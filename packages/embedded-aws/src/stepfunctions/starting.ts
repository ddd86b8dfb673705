import type { Engine } from "./engine.ts";
import type { Call, ExecutionRecord } from "./execution.ts";
import type { MachineRecord } from "./machines-store.ts";
import { executionAlreadyExists, machineDoesNotExist } from "./refusals.ts";

/** A new execution's record. */
export function newExecution(
  now: number,
  machine: MachineRecord,
  input: string,
  name: string,
  uuid: string,
): Omit<ExecutionRecord, "id"> {
  const { definition, type, roleArn } = machine;
  return {
    ...{ arn: executionArn(machine, name, uuid), name, machineArn: machine.arn, type, roleArn, definition },
    ...{ container: "", status: "RUNNING", input, output: null, error: null, cause: null, started: now },
    ...{ stopped: null, deadline: null, mapRunArn: null, item: null },
    ...{ parent: null, parentBranch: null, parentAttempt: null },
  };
}

/** The ARN of an execution. Express executions may bear the same name, so theirs end in a UUID. */
export function executionArn(machine: MachineRecord, name: string, uuid: string): string {
  if (machine.type === "EXPRESS") return `${machine.arn.replace(":stateMachine:", ":express:")}:${name}:${uuid}`;
  return `${machine.arn.replace(":stateMachine:", ":execution:")}:${name}`;
}

/**
 * The nested execution that a Task's attempt has started already, or the record for a new one.
 *
 * @throws AwsError StateMachineDoesNotExist, ExecutionAlreadyExists
 */
export function nestedExecution(
  engine: Engine,
  call: Call & { kind: "start" },
  place: Pick<ExecutionRecord, "parent" | "parentBranch" | "parentAttempt">,
): ExecutionRecord | Omit<ExecutionRecord, "id"> {
  const machine = engine.machines.find(call.machineArn);
  if (machine === undefined) throw machineDoesNotExist(call.machineArn);
  const record = newExecution(engine.parts.clock.now(), machine, call.input, call.name, engine.newName());
  const known = engine.executions.find(record.arn);
  if (known === undefined) return record;
  const { parent, parentBranch, parentAttempt } = known;
  const same = parent === place.parent && parentBranch === place.parentBranch && parentAttempt === place.parentAttempt;
  if (same || (known.status === "RUNNING" && known.input === call.input)) return known;
  throw executionAlreadyExists(record.arn);
}
