import type { HistoryEvent } from "@aws-sdk/client-sfn";

/** An event as it was recorded on AWS: strings that hold JSON objects are parsed, what varies is a placeholder. */
export interface RecordedEvent {
  id?: number | [0];
  type: string;
  [member: string]: unknown;
}

/** What the language and the HTTP library of a function determine, and not Step Functions. */
const NOT_JUDGED = [
  "requestId",
  "stackTrace",
  "trace",
  "SdkHttpMetadata",
  "SdkResponseMetadata",
  "timestamp",
  "roleArn",
];
/** What the recorder wrote in place of values that vary. */
const PLACEHOLDER = /<[a-z-]+(:\d+)?>|^(lambda_function_name|snf_role_arn|date|timestamp)$/;

/** A value with all JSON texts in it parsed and without what is not judged. */
export function plain(value: unknown): unknown {
  if (typeof value === "string") {
    if (!/^\s*[[{]/.test(value)) return value;
    try {
      return plain(JSON.parse(value));
    } catch {
      return value; // Text that only looks like JSON is text.
    }
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([name]) => !NOT_JUDGED.includes(name));
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}

/** The actual value, but with the recorded placeholders in the places of what they stand for. */
export function underPlaceholders(actual: unknown, recorded: unknown): unknown {
  if (typeof recorded === "string" && PLACEHOLDER.test(recorded)) {
    return typeof actual === "string" ? recorded : actual;
  }
  if (Array.isArray(recorded) && Array.isArray(actual)) {
    return actual.map((item, index) => underPlaceholders(item, recorded[index]));
  }
  if (typeof recorded === "object" && recorded !== null && typeof actual === "object" && actual !== null) {
    const names = recorded as Record<string, unknown>;
    const members = Object.entries(actual);
    return Object.fromEntries(members.map(([name, member]) => [name, underPlaceholders(member, names[name])]));
  }
  return actual;
}

/** The events to compare: the recorder sorted those of branches (their IDs are lost) and left out how they ended. */
export function comparable(
  actual: HistoryEvent[],
  recorded: RecordedEvent[],
): { actual: unknown[]; recorded: unknown[] } {
  const sorted = recorded.some((event) => Array.isArray(event.id));
  const left = sorted ? actual.filter(({ type }) => !/^ParallelState(Succeeded|Failed)$/.test(type ?? "")) : actual;
  const shown = (events: object[]) => {
    const texts = events.map((event) => plain(event) as Record<string, unknown>);
    if (!sorted) return texts;
    return texts.map(({ id, previousEventId, ...event }) => JSON.stringify(event, Object.keys(event).sort())).sort();
  };
  const expected = shown(recorded);
  return { actual: underPlaceholders(shown(left), expected) as unknown[], recorded: expected };
}

/** How the recorded execution ended. */
export function ending(events: RecordedEvent[]): { status: string; output?: unknown; error?: unknown } {
  const last = events.at(-1);
  const status = { ExecutionSucceeded: "SUCCEEDED", ExecutionFailed: "FAILED", ExecutionTimedOut: "TIMED_OUT" }[
    last?.type ?? ""
  ];
  const details = Object.values(last ?? {}).find((member) => typeof member === "object" && !Array.isArray(member));
  const { output, error } = (details ?? {}) as { output?: unknown; error?: unknown };
  return {
    status: status ?? "ABORTED",
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
  };
}
