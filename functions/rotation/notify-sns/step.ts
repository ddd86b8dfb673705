import { keyRotated } from "../../../events/key-rotated.ts";
import { mismatchFound } from "../../../events/mismatch-found.ts";
import { rotationFailed } from "../../../events/rotation-failed.ts";
import { isInstanceId, VERDICTS, type Verdict } from "../../../protocol/index.ts";
import { claimed } from "../../audit/asked.ts";
import { lineOf } from "../../audit/line.ts";
import type { Facts } from "../../findings/finding.ts";
import { openFinding } from "../../findings/open.ts";
import { againAt } from "../../record/due.ts";
import { executionName } from "../../record/execution-name.ts";
import { type InstanceRecord, isRetired } from "../../record/record.ts";
import { asGiven } from "../../shared/as-given.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { readableCause } from "../../shared/readable-cause.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/** How people are shown an ID that may be none. */
const ID = { most: 40, odd: /[^\w.-]/g };

/**
 * Tells people why a key was not turned. The record is read again first, since another execution may have reached the
 * target meanwhile, and the instance may be gone.
 */
export async function notifySns(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { registry, bus, journal } = neighbours;
  const { generation, step, what, execution } = input;
  const id = asGiven(input.id, ID);
  const said = readableCause(input.cause);
  const record = isInstanceId(input.id) ? await registry.find(input.id) : undefined;
  if (record !== undefined && isRetired(record)) return { outcome: "RETIRED", said };
  // Whoever put it there has decided about it, and knows.
  if (record?.status === "QUARANTINED") return { outcome: "QUARANTINED", said };
  if (record?.current.execution === executionName(execution)) {
    // The key was turned, and what failed is its announcement.
    const { ec2InstanceId, current, rekeyedAt } = record;
    const rotated = { id, ec2InstanceId, generation: current.generation, execution };
    await bus.put(keyRotated, { ...rotated, ...(rekeyedAt === current.since && { rekey: true }) });
    journal.count("Rotation", { outcome: "ROTATED" });
    return { outcome: "ROTATED", said };
  }
  if (record && generation !== undefined && record.current.generation > generation)
    return { outcome: "SUPERSEDED", said };
  // A rekey, or another one, has been opened meanwhile: a person knows, and whatever it is, that mends it.
  if (record?.rekey !== undefined && generation !== undefined) {
    const isPushedHere = input.rekey && record.rekey.generation === generation + 1;
    if (!isPushedHere) return { outcome: "REKEYING", said };
  }

  journal.info("notified", { id, step, what, execution });
  journal.count("Rotation", { outcome: "FAILED" });
  const verdict = verdictOf(what);
  if (record && (verdict === "MISMATCH" || verdict === "CONFLICT")) {
    const { ec2InstanceId, current } = record;
    await bus.put(mismatchFound, { id, ec2InstanceId, generation: current.generation, verdict, execution });
  } else {
    await bus.put(rotationFailed, { id, step, reason: what, execution });
  }
  const known = record && (await noteFailed(record, input, neighbours));
  // In quotation marks, so that it is taken for nothing else, whatever it is.
  const subject = isInstanceId(input.id) ? id : `"${id}"`;
  const standing = input.rekey && record?.rekey && `Its rekey to generation ${record.rekey.generation} stands.`;
  const facts = { step, said: [said, standing].filter(Boolean).join(" "), ...known };
  await openFinding({ subject, cause: what, execution, facts }, neighbours);
  return { outcome: "FAILED", said };
}

/** The verdict that was found: what a record that is behind has been found by is a mismatch, and stays one. */
function verdictOf(what: string): Verdict | undefined {
  return what === "RecordBehind" ? "MISMATCH" : VERDICTS.find((one) => one === what);
}

/** Notes in the record when it is tried again, and gives what the record says to whoever is told. */
async function noteFailed(
  record: InstanceRecord,
  { what, step, execution, asked, enteredAt, lastProofAt = record.lastProofAt }: Input,
  { registry, now, rotateEveryMs }: Neighbours,
): Promise<Facts> {
  const { id, ec2InstanceId, current, failingSince } = record;
  const { generation, since } = current;
  const facts = { ec2InstanceId, generation, keySince: since, ...(lastProofAt !== undefined && { lastProofAt }) };
  const at = now();
  if (what === "CONFLICT") {
    // The rotation goes on beside it; and the record does not say that all is well.
    await registry.noteJudged(id, { generation, verdict: what, at });
    return facts;
  }
  const nextTryAt = againAt(failingSince ?? at, at, rotateEveryMs);
  const verdict = verdictOf(what);
  // Of the moment at which the state was entered, which is the same however often this step runs.
  const line = lineOf("failed", enteredAt ?? at, { what, step, generation, execution, ...claimed(asked) });
  const change = { generation, execution: executionName(execution), at, dueAt: nextTryAt, line };
  await registry.noteFailed(id, { ...change, ...(verdict && { verdict }) });
  return { ...facts, ...(record.status === "ACTIVE" && { nextTryAt }) };
}
