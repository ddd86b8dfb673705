import { FORMS, isInstanceId } from "../../../protocol/index.ts";
import { claimed } from "../../audit/asked.ts";
import { lineOf } from "../../audit/line.ts";
import type { Facts } from "../../findings/finding.ts";
import { openFinding } from "../../findings/open.ts";
import { againAt } from "../../record/due.ts";
import { executionName } from "../../record/execution-name.ts";
import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { originOf } from "../../shared/names.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { readableCause } from "../../shared/readable-cause.ts";
import type { contract } from "./contract.ts";

type Event = InputOf<typeof contract>;

/** An execution has ended without having told anybody why: it was cut off, or failed where nothing was foreseen. */
export async function followExecution(
  event: Event,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { executionArn, name, status, error, cause } = event.detail;
  const { flow } = originOf(executionArn);
  const input = inputOf(event);
  const id = isInstanceId(input.id) ? input.id : undefined;
  const credential = flow === "credential" && isSecretName(input.secret) ? input.secret : undefined;
  // Told of the flow, where it was about no instance and no credential: one that is cut off each time is told of once. What is
  // exposed is another key each time, and nobody tries again.
  const subject = id ?? credential ?? (flow === "exposed-key" ? name : flow);
  const why = [error, readableCause(cause ?? "")].filter(Boolean).join(": ").slice(0, 500);
  const said = `The execution ${name} ended ${status}${why === "" ? "." : `, with ${why}`}`;
  neighbours.journal.info("followed", { subject, execution: executionArn, status });
  const known = id !== undefined && flow === "rotation" ? await noteFailed(id, event, input, neighbours) : {};
  const cutOff = { subject, cause: "ExecutionCutOff", execution: executionArn, facts: { said, ...known } };
  // What stopped itself says why, and is to be gone on with: it is told of by its own name.
  await openFinding(error === "RekeyStopped" ? { ...cutOff, cause: "RekeyStopped" } : cutOff, neighbours);
  neighbours.journal.count("ExecutionCutOff", { flow });
  return {};
}

function isSecretName(value: unknown): value is string {
  return typeof value === "string" && FORMS.secretName.test(value) && !isInstanceId(value);
}

/** Notes in the record that its key was not turned, and when it is tried again, as the rotation could not; for people. */
async function noteFailed(
  id: string,
  { time, detail }: Event,
  input: Record<string, unknown>,
  { registry, now, rotateEveryMs }: NeighboursOf<typeof contract>,
): Promise<Facts> {
  const record = await registry.find(id);
  if (record === undefined || isRetired(record)) return {};
  const { ec2InstanceId, current, failingSince } = record;
  const { generation, since: keySince } = current;
  const facts = { ec2InstanceId, generation, keySince };
  const execution = executionName(detail.executionArn);
  // It was cut off after it had turned the key.
  if (current.execution === execution) return facts;
  const at = now();
  const nextTryAt = againAt(failingSince ?? at, at, rotateEveryMs);
  // Of the moment of the event, which is the same however often this runs.
  const line = lineOf("failed", Date.parse(time), {
    what: "ExecutionCutOff",
    generation,
    execution,
    ...claimed(input),
  });
  const isNoted = await registry.noteFailed(id, { generation, execution, at, dueAt: nextTryAt, line });
  return { ...facts, ...(isNoted && record.status === "ACTIVE" && { nextTryAt }) };
}

/** What the execution was given; nothing where that is no object, which may be why it failed, or too long for an event. */
function inputOf({ detail }: Event): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(detail.input ?? "{}");
    return typeof input === "object" && input !== null ? { ...input } : {};
  } catch {
    // It was started with something that is no JSON.
    return {};
  }
}
