import { ERRORS } from "../failure.ts";
import type { Json } from "../json.ts";
import type { Catcher, Retrier } from "./machine.ts";
import type { Reader } from "./reader.ts";
import { readAssign } from "./variables.ts";

const RETRIER = ["ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"];
const CATCHER = ["ErrorEquals", "Next", "Assign", "Output"];

/** Reads the `Retry` field of a state. */
export function readRetriers(value: Json | undefined, reader: Reader, location: string): Retrier[] {
  const entries = reader.array(value, `${location}/Retry`, { mayBeEmpty: true });
  return entries.map((entry, index) => {
    const here = `${location}/Retry[${index}]`;
    const fields = reader.object(entry, here);
    reader.fields(fields, here, [...RETRIER, "Comment"], ["ErrorEquals"]);
    const interval = reader.number(fields.IntervalSeconds, `${here}/IntervalSeconds`, { least: 1, most: 99_999_999 });
    const maxDelay = reader.number(fields.MaxDelaySeconds, `${here}/MaxDelaySeconds`, { least: 1, most: 31_622_400 });
    if (maxDelay !== undefined && maxDelay <= (interval ?? 1)) {
      reader.problem("MaxDelaySeconds must be greater than IntervalSeconds", here);
    }
    const jitter = reader.text(fields.JitterStrategy, `${here}/JitterStrategy`);
    if (!["", "FULL", "NONE"].includes(jitter)) {
      reader.problem("JitterStrategy must be one of [FULL, NONE]", `${here}/JitterStrategy`);
    }
    return {
      errors: readErrors(fields.ErrorEquals, reader, here, index === entries.length - 1),
      intervalSeconds: interval ?? 1,
      maxAttempts: reader.number(fields.MaxAttempts, `${here}/MaxAttempts`, { least: 0, most: 99_999_999 }) ?? 3,
      backoffRate: reader.number(fields.BackoffRate, `${here}/BackoffRate`, { least: 1, integer: false }) ?? 2,
      ...(maxDelay === undefined ? {} : { maxDelaySeconds: maxDelay }),
      fullJitter: jitter === "FULL",
    };
  });
}

/** Reads the `Catch` field of a state. */
export function readCatchers(value: Json | undefined, reader: Reader, location: string): Catcher[] {
  const entries = reader.array(value, `${location}/Catch`, { mayBeEmpty: true });
  return entries.map((entry, index) => {
    const here = `${location}/Catch[${index}]`;
    const fields = reader.object(entry, here);
    reader.fields(fields, here, [...CATCHER, "Comment"], ["ErrorEquals", "Next"]);
    const output = reader.template(fields.Output, `${here}/Output`, true);
    const assign = readAssign(fields.Assign, reader, here, true);
    return {
      errors: readErrors(fields.ErrorEquals, reader, here, index === entries.length - 1),
      next: reader.text(fields.Next, `${here}/Next`),
      ...(output === undefined ? {} : { output }),
      ...(assign === undefined ? {} : { assign }),
    };
  });
}

function readErrors(value: Json | undefined, reader: Reader, location: string, last: boolean): string[] {
  const here = `${location}/ErrorEquals`;
  const names = reader.array(value, here, { mayBeEmpty: false }).map((name) => reader.text(name, here));
  if (names.includes(ERRORS.all) && (names.length > 1 || !last)) {
    reader.problem("States.ALL must appear alone, and at the end of the list", location);
  }
  return names;
}
