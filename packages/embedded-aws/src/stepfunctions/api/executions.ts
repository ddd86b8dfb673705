import { AwsError, type Operation } from "../../http/service.ts";
import { pageToken, readPage } from "../../page.ts";
import type { Engine } from "../engine.ts";
import type { ExecutionRecord, Status } from "../execution.ts";
import type { MachinesStore, StartableMachine } from "../machines-store.ts";
import {
  executionAlreadyExists,
  executionDoesNotExist,
  invalidToken,
  machineDoesNotExist,
  typeNotSupported,
  validation,
} from "../refusals.ts";
import { executionArn, startedBy } from "../starting.ts";
import { givenFailure, pageSize, requireArn, requireInput, requireName, seconds } from "./check.ts";

type Input = Record<string, unknown>;

/** Starts an execution. @throws AwsError as StartExecution does */
export function startExecution(
  engine: Engine,
  machine: StartableMachine,
  input: string,
  name?: string,
): ExecutionRecord {
  if (machine.type === "STANDARD" && name !== undefined) {
    const known = engine.executions.find(executionArn(machine, name, ""));
    if (known !== undefined) {
      if (known.status === "RUNNING" && known.input === input) return known;
      throw executionAlreadyExists(known.arn);
    }
  }
  return engine.start(machine, input, name ?? engine.newName()).record;
}

/** The operations on executions. */
export function executionOperations(engine: Engine, machines: MachinesStore): Record<string, Operation> {
  const findMachine = (value: unknown): StartableMachine => {
    const arn = requireArn(value, "stateMachineArn", ["stateMachine"]);
    const machine = machines.startable(arn);
    if (machine === undefined) throw machineDoesNotExist(arn);
    return machine;
  };
  const find = (value: unknown): ExecutionRecord => findExecution(engine, value);
  const given = (input: Input) => ({
    text: requireInput(input.input),
    name: input.name === undefined ? undefined : requireName(input.name),
  });

  return {
    StartExecution(input: Input) {
      const { text, name } = given(input);
      const { arn, started } = startExecution(engine, findMachine(input.stateMachineArn), text, name);
      return { executionArn: arn, startDate: seconds(started) };
    },

    async StartSyncExecution(input: Input) {
      const { text, name } = given(input);
      const machine = findMachine(input.stateMachineArn);
      if (machine.type !== "EXPRESS") throw typeNotSupported();
      const execution = engine.start(machine, text, name ?? engine.newName());
      const record = await new Promise<ExecutionRecord>((resolve) => execution.whenEnded.push(resolve));
      const duration = Math.max(0, (record.stopped ?? record.started) - record.started);
      return {
        ...described(record),
        name: record.name,
        // AWS bills in steps of 100 ms, and memory in steps of 64 MB.
        billingDetails: {
          billedMemoryUsedInMB: 64,
          billedDurationInMilliseconds: Math.max(1, Math.ceil(duration / 100)) * 100,
        },
      };
    },

    async StopExecution(input: Input) {
      const execution = find(input.executionArn);
      await engine.stop(execution.id, givenFailure(input));
      return { stopDate: seconds(engine.executions.get(execution.id)?.stopped ?? engine.parts.clock.now()) };
    },

    DescribeExecution(input: Input) {
      const record = find(input.executionArn);
      return {
        ...described(record),
        ...startedBy(record),
        name: record.name,
        redriveCount: 0,
        redriveStatus: ["FAILED", "TIMED_OUT", "ABORTED"].includes(record.status) ? "REDRIVABLE" : "NOT_REDRIVABLE",
        ...(["RUNNING", "SUCCEEDED"].includes(record.status) && {
          redriveStatusReason: `Execution is ${record.status} and cannot be redriven`,
        }),
        ...(record.mapRunArn !== null && { mapRunArn: record.mapRunArn }),
      };
    },

    ListExecutions(input: Input) {
      const limit = pageSize(input.maxResults);
      const filter = {
        ...ofWhat(input, findMachine),
        ...(input.statusFilter !== undefined && { status: statusOf(input.statusFilter) }),
      };
      const listing = JSON.stringify(filter);
      const position = readPage(input.nextToken, listing, invalidToken());
      const found = engine.executions.list({
        ...filter,
        ...(position !== undefined && { before: Number(position) }),
        limit: limit + 1,
      });
      const page = found.slice(0, limit);
      return {
        executions: page.map((record) => ({
          executionArn: record.arn,
          stateMachineArn: record.machineArn,
          ...startedBy(record),
          name: record.name,
          status: record.status,
          startDate: seconds(record.started),
          ...(record.stopped !== null && { stopDate: seconds(record.stopped) }),
          ...(record.mapRunArn !== null && { mapRunArn: record.mapRunArn }),
          redriveCount: 0,
        })),
        ...(found.length > limit && { nextToken: pageToken(listing, page.at(-1)?.id ?? 0) }),
      };
    },
  };
}

/** A Standard execution by its ARN. @throws AwsError InvalidArn, ExecutionDoesNotExist, StateMachineTypeNotSupported */
export function findExecution(engine: Engine, value: unknown): ExecutionRecord {
  const arn = requireArn(value, "executionArn", ["execution", "express"]);
  if (arn.split(":")[5] === "express") throw typeNotSupported();
  const record = engine.executions.find(arn);
  if (record === undefined) throw executionDoesNotExist(arn);
  return record;
}

function ofWhat(input: Input, findMachine: (value: unknown) => StartableMachine) {
  if (input.mapRunArn !== undefined) {
    if (input.stateMachineArn !== undefined) throw validation("Give either a state machine or a Map Run, not both");
    return { by: "mapRunArn", arn: requireArn(input.mapRunArn, "mapRunArn", ["mapRun"]) } as const;
  }
  const { type, arn, versionArn, aliasArn } = findMachine(input.stateMachineArn);
  if (type === "EXPRESS") throw typeNotSupported();
  if (aliasArn !== null) return { by: "aliasArn", arn: aliasArn } as const;
  return versionArn === null ? ({ by: "machineArn", arn } as const) : ({ by: "versionArn", arn: versionArn } as const);
}

const STATUSES: readonly string[] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"] satisfies Status[];

function statusOf(value: unknown): Status {
  if (STATUSES.includes(String(value))) return value as Status;
  throw new AwsError(
    "ValidationException",
    `1 validation error detected: Value '${String(value)}' at 'statusFilter' is not one of [${STATUSES.join(", ")}]`,
  );
}

function described(record: ExecutionRecord) {
  return {
    executionArn: record.arn,
    stateMachineArn: record.machineArn,
    status: record.status,
    startDate: seconds(record.started),
    ...(record.stopped !== null && { stopDate: seconds(record.stopped) }),
    input: record.input,
    inputDetails: { included: true },
    ...(record.output !== null && { output: record.output, outputDetails: { included: true } }),
    ...(record.error !== null && { error: record.error }),
    ...(record.cause !== null && { cause: record.cause }),
  };
}
