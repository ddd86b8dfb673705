import { requireArn, requireInput, requireName } from "./api/check.ts";
import type { Branch, Call, ExecutionRecord } from "./execution.ts";
import type { ExecutionsStore } from "./executions-store.ts";
import type { MachineRecord, MachinesStore, StartableMachine } from "./machines-store.ts";
import { executionAlreadyExists, machineDoesNotExist } from "./refusals.ts";

/** What a nested execution is looked up in and made from. */
interface Sources {
  machines: Pick<MachinesStore, "startable">;
  executions: Pick<ExecutionsStore, "find">;
  now: number;
  uuid: string;
}

/** A new execution's record. */
export function newExecution(
  now: number,
  machine: StartableMachine,
  input: string,
  name: string,
  uuid: string,
): Omit<ExecutionRecord, "id"> {
  const { definition, type, roleArn, versionArn, aliasArn } = machine;
  return {
    ...{ arn: executionArn(machine, name, uuid), name, machineArn: machine.arn, type, roleArn, definition },
    ...{ container: "", status: "RUNNING", input, output: null, error: null, cause: null, started: now },
    ...{ stopped: null, deadline: null, mapRunArn: null, item: null },
    ...{ parent: null, parentBranch: null, parentAttempt: null, versionArn, aliasArn },
  };
}

/** The version and the alias that an execution was started by, as the API names them; nothing where there are none. */
export function startedBy({ versionArn, aliasArn }: Pick<ExecutionRecord, "versionArn" | "aliasArn">) {
  return {
    ...(versionArn !== null && { stateMachineVersionArn: versionArn }),
    ...(aliasArn !== null && { stateMachineAliasArn: aliasArn }),
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
 * @throws AwsError as StartExecution does
 */
export function nestedExecution(
  { machines, executions, now, uuid }: Sources,
  call: Call & { kind: "start" },
  place: Pick<ExecutionRecord, "parent" | "parentBranch" | "parentAttempt">,
): ExecutionRecord | Omit<ExecutionRecord, "id"> {
  requireName(call.name);
  requireInput(call.input);
  const machine = machines.startable(requireArn(call.machineArn, "stateMachineArn", ["stateMachine"]));
  if (machine === undefined) throw machineDoesNotExist(call.machineArn);
  const record = newExecution(now, machine, call.input, call.name, uuid);
  const known = executions.find(record.arn);
  if (known === undefined) return record;
  const { parent, parentBranch, parentAttempt } = known;
  const same = parent === place.parent && parentBranch === place.parentBranch && parentAttempt === place.parentAttempt;
  if (same || (known.status === "RUNNING" && known.input === call.input)) return known;
  throw executionAlreadyExists(record.arn);
}

/** The record of the child execution that runs an item of a Distributed Map. */
export function itemExecution(
  now: number,
  parent: ExecutionRecord,
  branch: Branch,
  call: Call & { kind: "start" },
  mapRunArn: string,
): Omit<ExecutionRecord, "id"> {
  const machineArn = mapRunArn.replace(":mapRun:", ":stateMachine:").replace(/:[^:]+$/, "");
  const arn = `${machineArn.replace(":stateMachine:", ":execution:")}:${call.name}`;
  return {
    ...{ ...parent, arn, name: call.name, machineArn, container: branch.container, input: call.input },
    ...{ started: now, mapRunArn, parent: parent.id, parentBranch: branch.id, versionArn: null, aliasArn: null },
    ...{ parentAttempt: branch.id, item: JSON.stringify({ Index: branch.index, Value: branch.item }) },
  };
}
