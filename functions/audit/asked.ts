import * as z from "zod/mini";
import { printable } from "../shared/printable.ts";

/** The input of an execution as it was given, which may be anything: it claims who asked, by what, and in which run. */
export const asked = z.optional(z.unknown());

const LONGEST = 200;

/**
 * What the input of an execution claims, for an audit line: texts, cut and made printable. CloudTrail knows who started it.
 *
 * @param input of a schedule, a run or a person; or of a rule, with the event's detail in it
 */
export function claimed(input: unknown): Record<"requestedBy" | "trigger" | "run" | "reason", string | undefined> {
  const { requestedBy, trigger, run, reason, detail } = fieldsOf(input);
  return {
    requestedBy: readable(requestedBy ?? fieldsOf(detail).requestedBy),
    trigger: readable(trigger),
    run: readable(run),
    reason: readable(reason),
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function readable(value: unknown): string | undefined {
  return typeof value === "string" ? printable(value.slice(0, LONGEST)) : undefined;
}
