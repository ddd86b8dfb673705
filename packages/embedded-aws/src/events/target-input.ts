import { AwsError } from "../http/service.ts";
import type { BusEvent } from "../parts.ts";

/** The members of a target that say what it is given; at most one of them. */
export interface TargetInput {
  Input?: string;
  InputPath?: string;
  InputTransformer?: { InputPathsMap?: Record<string, string>; InputTemplate: string };
}

/** `$`, `$.detail.name`, `$.resources[0]` */
const PATH = /^\$(?:\.[A-Za-z0-9_-]+|\[\d+\])*$/;

/**
 * Checks what can be checked before there is an event.
 *
 * @throws AwsError ValidationException
 */
export function checkInput({ Input, InputPath, InputTransformer }: TargetInput): void {
  if ([Input, InputPath, InputTransformer].filter((one) => one !== undefined).length > 1) {
    throw invalid("Only one of Input, InputPath, or InputTransformer must be provided.");
  }
  if (Input !== undefined && !isJson(Input)) throw invalid("Input is not valid JSON.");
  const paths = [InputPath ?? "$", ...Object.values(InputTransformer?.InputPathsMap ?? {})];
  const bad = paths.find((path) => !PATH.test(path));
  if (bad !== undefined) throw invalid(`The embedded AWS does not know the JSON path ${bad}.`);
  if (InputTransformer !== undefined && InputTransformer.InputTemplate === undefined) {
    throw invalid("InputTemplate is required.");
  }
}

/** What a target is given for an event, as JSON text. */
export function inputFor(target: TargetInput, event: BusEvent, rule: { name: string; arn: string }): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(at(event, target.InputPath) ?? null);
  if (target.InputTransformer !== undefined) return transformed(target.InputTransformer, event, rule);
  return JSON.stringify(event);
}

/**
 * Fills a template. Between quotes a placeholder becomes plain text, elsewhere JSON; one whose path leads nowhere
 * becomes nothing.
 */
function transformed(
  { InputPathsMap = {}, InputTemplate }: NonNullable<TargetInput["InputTransformer"]>,
  event: BusEvent,
  rule: { name: string; arn: string },
): string {
  const values = new Map<string, unknown>(Object.entries(InputPathsMap).map(([name, path]) => [name, at(event, path)]));
  values.set("aws.events.rule-arn", rule.arn);
  values.set("aws.events.rule-name", rule.name);
  values.set("aws.events.event.ingestion-time", event.time);
  values.set("aws.events.event", { ...event, detail: undefined });
  values.set("aws.events.event.json", event);
  let quoted = false;
  const filled = InputTemplate.replace(/\\.|"|<([A-Za-z0-9._-]+)>/g, (match, name: string | undefined) => {
    if (match === '"') quoted = !quoted;
    if (name === undefined || !values.has(name)) return match;
    const value = values.get(name);
    if (value === undefined) return "";
    if (!quoted) return JSON.stringify(value);
    return JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)).slice(1, -1);
  });
  // A template that is no JSON object is a text of its own.
  return isJson(filled) ? filled : JSON.stringify(filled);
}

function at(event: BusEvent, path: string): unknown {
  let value: unknown = event;
  for (const [, name, index] of path.matchAll(/\.([A-Za-z0-9_-]+)|\[(\d+)\]/g)) {
    const key = name ?? index ?? "";
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // That is the answer.
  }
}

function invalid(reason: string): AwsError {
  return new AwsError("ValidationException", reason);
}
