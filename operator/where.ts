import { VERDICTS } from "../protocol/verdicts.ts";
import { agentVersionOf, isOlder, isVersion } from "../protocol/versions.ts";
import { misused } from "./exits.ts";
import type { Looked } from "./looked.ts";
import { meant } from "./nearest.ts";
import { readSpan } from "./read-span.ts";

const OPERATORS = ["=", "!=", "<=", ">=", "<", ">"] as const;

/** A test of an instance: a field, an operator and a value, as somebody has typed it. */
export interface Test {
  field: string;
  operator: (typeof OPERATORS)[number];
  value: string;
}

/** What an instance has as a field: several where it is one of many that are, nothing where it has none. */
type Value = string | number | readonly string[] | undefined;

interface Field {
  /** What a test's value may be, in words, e.g. `a span of time, as 30d`. */
  takes: string;
  /** The words that it may be; any text where they are left out. */
  words?: readonly string[];
  /** Whether something comes before something else. */
  isOrdered: boolean;
  /** The value as it is compared. @throws Stopped (2) with a sentence, or undefined where it is none */
  read: (text: string) => string | number | undefined;
  of: (looked: Looked, now: number) => Value;
  /** The order, where it is not that of numbers: below 0 where `one` comes first. */
  compare?: (one: string, other: string) => number;
}

const STATUSES = ["NEW", "ACTIVE", "STOPPED", "QUARANTINED", "RETIRED"];
/** Of a field that has nothing. */
const NONE = "none";

const text = (of: Field["of"], takes: string): Field => ({ takes, isOrdered: false, read: String, of });

const oneOf = (words: readonly string[], of: Field["of"]): Field => ({
  takes: `one of ${words.join(", ")}`,
  words,
  isOrdered: false,
  read: (typed) => words.find((word) => word.toLowerCase() === typed.toLowerCase()),
  of,
});

/** How long something is since, or in how long it comes. */
const spanOf = (of: (looked: Looked, now: number) => number | undefined): Field => ({
  takes: "a span of time, as 30s, 5m, 12h or 90d",
  isOrdered: true,
  read: readSpan,
  of,
});
const since = (of: (looked: Looked) => number | undefined, never?: number): Field =>
  spanOf((looked, now) => {
    const at = of(looked);
    return at === undefined ? never : now - at;
  });

const count = (of: Field["of"]): Field => ({
  takes: "a whole number",
  isOrdered: true,
  read: (typed) => (/^\d{1,9}$/.test(typed) ? Number(typed) : undefined),
  of,
});

/** One that has never proved anything has not done so for longer than any time. */
const NEVER = Number.POSITIVE_INFINITY;

/** What can be tested. Of spans the value is in milliseconds. */
const FIELDS: Record<string, Field> = {
  id: text(({ instance }) => instance.id, "an instance's ID"),
  host: text(({ instance }) => instance.ec2InstanceId, "an EC2 instance's ID (i-…)"),
  ip: text(({ instance }) => instance.ip, "an address"),
  status: oneOf(STATUSES, ({ instance }) => instance.status),
  verdict: oneOf([...VERDICTS, NONE], ({ instance }) => instance.verdict ?? NONE),
  cause: text(({ findings }) => findings.map(({ cause }) => cause), "the cause of a finding, as STALE"),
  agent: {
    takes: "a version, as 0.2.0",
    isOrdered: true,
    read: (typed) => (isVersion(typed) ? typed : undefined),
    of: ({ instance }) => agentVersionOf(instance.agentVersion),
    compare: (one, other) => Number(isOlder(other, one)) - Number(isOlder(one, other)),
  },
  generation: count(({ instance }) => instance.generation),
  age: since(({ instance }) => instance.keySince),
  due: spanOf(({ instance: { dueAt } }, now) => dueAt && dueAt - now),
  overdue: since(({ instance }) => instance.dueAt),
  proof: since(({ instance }) => instance.lastProofAt, NEVER),
  judged: since(({ instance }) => instance.judgedAt, NEVER),
  failing: since(({ instance }) => instance.failingSince),
  registered: since(({ instance }) => instance.registeredAt),
};
export const FIELD_NAMES = Object.keys(FIELDS);

/**
 * Reads one test, e.g. `verdict!=MATCH`.
 *
 * @throws Stopped (2) with a sentence that says what was likely meant
 */
export function readTest(typed: string): Test {
  const [, field = "", operator, value = ""] = /^\s*([\w-]+)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*$/.exec(typed) ?? [];
  if (operator === undefined) {
    throw misused(`"${typed}" is no test: say it as status=ACTIVE, verdict!=MATCH or 'age>30d'.`);
  }
  const known = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (known === undefined) throw misused(`An instance has no field "${field}". ${meant(field, FIELD_NAMES)}`);
  const isOrder = /[<>]/.test(operator);
  if (isOrder && !known.isOrdered) {
    throw misused(`"${typed}" is no test: ${field} takes = and !=, since nothing comes before something else there.`);
  }
  return { field, operator: operator as Test["operator"], value: String(readValue(field, known, value)) };
}

/** The value as it was typed; of a word, as it is written. */
function readValue(field: string, { read, takes, words }: Field, typed: string): string {
  const value = typed === "" ? undefined : read(typed);
  if (value !== undefined) return typeof value === "string" ? value : typed;
  throw misused(`${field} is never "${typed}". ${words === undefined ? `It takes ${takes}.` : meant(typed, words)}`);
}

/**
 * Whether all tests hold of an instance. What it does not have is not equal to anything, and neither more nor less.
 *
 * @param now milliseconds since 1970
 */
export function meetsAll(tests: readonly Test[], looked: Looked, now: number): boolean {
  return tests.every((test) => meets(test, looked, now));
}

function meets({ field, operator, value }: Test, looked: Looked, now: number): boolean {
  const known = FIELDS[field] as Field;
  const has = known.of(looked, now);
  const wanted = known.read(value) ?? value;
  if (operator === "=" || operator === "!=") {
    const is = Array.isArray(has) ? has.includes(wanted) : has === wanted;
    return is === (operator === "=");
  }
  if (has === undefined) return false;
  const order = known.compare?.(String(has), String(wanted)) ?? Number(has) - Number(wanted);
  if (operator === "<=") return order <= 0;
  if (operator === ">=") return order >= 0;
  return operator === "<" ? order < 0 : order > 0;
}

/** Whether the retired are meant by a test: they are left out else. */
export function meansRetired(tests: readonly Test[]): boolean {
  return tests.some(({ field, operator, value }) => field === "status" && operator === "=" && value === "RETIRED");
}
