import { AwsError, type Operation } from "../../http/service.ts";
import { pageToken, readPage } from "../../page.ts";
import type { Parts } from "../../parts.ts";
import { arnOf } from "../../place.ts";
import type { Machine } from "../definition/machine.ts";
import { readDefinition } from "../definition/read.ts";
import type { Engine } from "../engine.ts";
import type { MachineRecord, MachinesStore, VersionRecord } from "../machines-store.ts";
import { invalidDefinition, invalidToken, machineDoesNotExist, validation } from "../refusals.ts";
import { principalOf } from "../rights.ts";
import { machineArnOf, pageSize, requireArn, requireName, requireRole, requireText, seconds } from "./check.ts";

type Input = Record<string, unknown>;

/** The operations on state machines. */
export function machineOperations(parts: Parts, machines: MachinesStore, engine: Engine): Record<string, Operation> {
  const sources = { now: () => parts.clock.now(), random: parts.random };
  const check = (
    definition: string,
    { arn, type, roleArn }: Pick<MachineRecord, "arn" | "type" | "roleArn">,
  ): string => {
    const read = readDefinition(definition, { express: type === "EXPRESS", sources });
    if ("problems" in read) throw invalidDefinition(read.problems);
    if (waitsForExecutions(read.machine)) demandManagedRule(engine, roleArn, arn);
    return definition;
  };
  const find = (value: unknown): MachineRecord => {
    const arn = requireArn(value, "stateMachineArn", ["stateMachine"]);
    const machine = machines.find(arn);
    if (machine === undefined) throw machineDoesNotExist(arn);
    return machine;
  };
  const newRevision = () => engine.newName();

  return {
    CreateStateMachine(input: Input) {
      refuseVersions(input);
      const name = requireName(input.name);
      const type = typeOf(input.type);
      const roleArn = requireRole(input.roleArn);
      const arn = machineArnOf(name);
      const definition = check(requireText(input.definition, "definition"), { arn, type, roleArn });
      const logging = textOf(input.loggingConfiguration);
      const tracing = textOf(input.tracingConfiguration);
      const known = machines.find(arn);
      if (known !== undefined) {
        const same = known.type === type && known.logging === logging && known.tracing === tracing;
        if (same && machines.definition(known.definition) === definition) return created(known);
        throw new AwsError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
      }
      const now = parts.clock.now();
      return parts.store.transaction(() => {
        const machine = { arn, name, type, roleArn, definition: machines.addDefinition(definition), logging, tracing };
        const record = { ...machine, revisionId: newRevision(), created: now, updated: now };
        machines.put(record);
        return created(record);
      });
    },

    UpdateStateMachine(input: Input) {
      refuseVersions(input);
      const known = find(input.stateMachineArn);
      const record: MachineRecord = { ...known, updated: parts.clock.now() };
      if (input.definition === undefined && input.roleArn === undefined && input.loggingConfiguration === undefined) {
        throw new AwsError(
          "MissingRequiredParameter",
          "Either the definition, the role ARN, or both must be specified",
        );
      }
      if (input.roleArn !== undefined) record.roleArn = requireRole(input.roleArn);
      if (input.loggingConfiguration !== undefined) record.logging = textOf(input.loggingConfiguration);
      if (input.tracingConfiguration !== undefined) record.tracing = textOf(input.tracingConfiguration);
      return parts.store.transaction(() => {
        if (input.definition !== undefined) {
          const definition = check(requireText(input.definition, "definition"), record);
          const isOther = definition !== machines.definition(known.definition);
          if (isOther) record.definition = machines.addDefinition(definition);
        }
        const members = ["definition", "roleArn", "logging", "tracing"] as const;
        // An update that changes nothing makes no revision, so that publishing it makes no version.
        if (members.some((member) => record[member] !== known[member])) record.revisionId = newRevision();
        machines.put(record);
        return { updateDate: seconds(record.updated), revisionId: record.revisionId };
      });
    },

    DescribeStateMachine(input: Input) {
      const arn = requireArn(input.stateMachineArn, "stateMachineArn", ["stateMachine"]);
      const version = machines.version(arn);
      return described(version?.machine ?? find(arn), machines, version);
    },

    DescribeStateMachineForExecution(input: Input) {
      const arn = requireArn(input.executionArn, "executionArn", ["execution"]);
      const execution = engine.executions.find(arn);
      if (execution === undefined) throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
      const machine = machines.find(execution.machineArn.split("/")[0] ?? "");
      return {
        stateMachineArn: execution.machineArn,
        name: execution.machineArn.split(":").at(-1),
        definition: machines.definition(execution.definition),
        roleArn: execution.roleArn,
        updateDate: seconds(machine?.updated ?? execution.started),
        ...(execution.mapRunArn !== null && { mapRunArn: execution.mapRunArn }),
      };
    },

    ListStateMachines(input: Input) {
      const limit = pageSize(input.maxResults);
      const found = machines.list(readPage(input.nextToken, "machines", invalidToken()) ?? "", limit + 1);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        stateMachines: page.map(({ arn, name, type, created: at }) => ({
          ...{ stateMachineArn: arn, name, type, creationDate: seconds(at) },
        })),
        ...(found.length > limit && last !== undefined && { nextToken: pageToken("machines", last.arn) }),
      };
    },
  };
}

function waitsForExecutions({ containers }: Machine): boolean {
  const states = [...containers.values()].flatMap((container) => [...container.states.values()]);
  return states.some((state) => state.type === "Task" && "sync" in state.resource);
}

/** By a rule of EventBridge Step Functions hears of the ends of executions. Whether it may make it, it asks now. */
function demandManagedRule({ neighbours: { rights } }: Engine, roleArn: string, machine: string): void {
  const resource = arnOf("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule");
  for (const action of ["events:PutRule", "events:PutTargets", "events:DescribeRule"]) {
    if (rights?.denial(principalOf(roleArn, machine), { action, resource }) === undefined) continue;
    throw new AwsError("AccessDeniedException", `'${roleArn}' is not authorized to create managed-rule.`);
  }
}

function typeOf(value: unknown): MachineRecord["type"] {
  if (value === undefined) return "STANDARD";
  if (value === "STANDARD" || value === "EXPRESS") return value;
  throw validation(
    "Value at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]",
  );
}

function textOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Who asks for a version in this way must not believe to have got it. */
function refuseVersions(input: Input): void {
  if (input.publish !== undefined && input.publish !== false) {
    throw validation("Value at 'publish' is not supported here: call PublishStateMachineVersion");
  }
}

function created(machine: MachineRecord) {
  return { stateMachineArn: machine.arn, creationDate: seconds(machine.created) };
}

function described(machine: MachineRecord, machines: MachinesStore, version?: VersionRecord) {
  return {
    stateMachineArn: version?.arn ?? machine.arn,
    name: machine.name,
    status: "ACTIVE",
    definition: machines.definition(machine.definition),
    roleArn: machine.roleArn,
    type: machine.type,
    creationDate: seconds(version?.created ?? machine.created),
    ...(version !== undefined && version.description !== "" && { description: version.description }),
    loggingConfiguration:
      machine.logging === null ? { level: "OFF", includeExecutionData: false } : JSON.parse(machine.logging),
    tracingConfiguration: machine.tracing === null ? { enabled: false } : JSON.parse(machine.tracing),
    revisionId: machine.revisionId,
  };
}
