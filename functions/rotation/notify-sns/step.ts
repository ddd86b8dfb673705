import { keyRotated } from "../../../events/key-rotated.ts";
import { mismatchFound } from "../../../events/mismatch-found.ts";
import { rotationFailed } from "../../../events/rotation-failed.ts";
import { isInstanceId } from "../../../protocol/index.ts";
import { againAt } from "../../record/due.ts";
import { executionName } from "../../record/execution-name.ts";
import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { rotationMail } from "../../telling/rotation-mail.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;

/** What the execution was given as ID, for a mail: cut and made printable, since it may be anything. */
function printableId(id: unknown): string {
  const text = typeof id === "string" ? id : (JSON.stringify(id) ?? "nothing");
  return text.slice(0, 40).replace(/[^\w.-]/g, "?");
}

/** Lambda puts a JSON text into the cause of a failed function; people want its message. */
function readableCause(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause);
    return typeof errorMessage === "string" ? errorMessage : cause.slice(0, 500);
  } catch {
    // It is plain text already.
    return cause.slice(0, 500);
  }
}

/**
 * Tells people why a key was not turned: once when it starts. The record is read again first, since another execution
 * may have reached the target meanwhile, and the instance may be gone.
 */
export async function notifySns(
  input: Input,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, mail, bus, now, rotateEveryMs, journal } = neighbours;
  const { generation, step, what, execution } = input;
  const id = printableId(input.id);
  const record = isInstanceId(input.id) ? await registry.find(input.id) : undefined;
  if (record !== undefined && isRetired(record)) return { outcome: "RETIRED" };
  // Whoever put it there has decided about it, and knows.
  if (record?.status === "QUARANTINED") return { outcome: "QUARANTINED" };
  if (record?.current.execution === executionName(execution)) {
    // The key was turned, and what failed is its announcement.
    const { ec2InstanceId, current } = record;
    await bus.put(keyRotated, { id, ec2InstanceId, generation: current.generation, execution });
    journal.count("Rotation", { outcome: "ROTATED" });
    return { outcome: "ROTATED" };
  }
  if (record && generation !== undefined && record.current.generation > generation) return { outcome: "SUPERSEDED" };

  journal.info("notified", { id, step, what, execution });
  journal.count("Rotation", { outcome: "FAILED" });
  if (record && (what === "MISMATCH" || what === "CONFLICT")) {
    const { ec2InstanceId, current } = record;
    await bus.put(mismatchFound, { id, ec2InstanceId, generation: current.generation, verdict: what, execution });
  } else {
    await bus.put(rotationFailed, { id, step, reason: what, execution });
  }

  const at = now();
  // The same thing again is not told again; the mail that gathers what still stands does that, once a day.
  const known = record?.alert?.what === what ? record.alert : undefined;
  const since = known?.since ?? at;
  const dueAt = againAt(since, at, rotateEveryMs);
  const gathered = input.gather && record !== undefined;
  const mailNow = !gathered && known?.mailedAt === undefined;
  if (mailNow) {
    const { lastProofAt } = input;
    const failure = { id, step, what, cause: readableCause(input.cause), execution, lastProofAt };
    const { subject, text } = rotationMail(failure, record, { now: at, againAt: dueAt });
    await mail.send(subject, text);
  }
  if (record) {
    // Mailed first and noted then: a crash in between mails twice rather than never.
    const mailedAt = mailNow ? at : known?.mailedAt;
    const alert = { what, since, execution, ...(mailedAt !== undefined && { mailedAt }) };
    const { generation } = record.current;
    await registry.setAlert(record.id, { generation, alert, dueAt });
  }
  return { outcome: "FAILED" };
}
