import { inspect } from "node:util";
import { Failure } from "./failure.ts";

// How what stands in a secret is read: what is missing is said, and never what is there.

/**
 * The fields of a secret's text.
 *
 * @param secret the secret's name, for messages
 * @param wanted what should stand in it, for messages
 * @throws Failure where the text is no JSON object
 */
export function fieldsOf(text: string, secret: string, wanted: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, without the parser's words: they quote what it could not read.
  }
  throw new Failure(`The secret ${secret} is no JSON object with ${wanted}.`);
}

/** @throws Failure where a field is no text, or empty */
export function demand(fields: Record<string, unknown>, name: string, secret: string): string {
  const value = textOf(fields[name]);
  if (value === undefined) throw new Failure(`The secret ${secret} has no ${name}.`);
  return value;
}

/** A text that is not empty, or undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Has `value`, printed or written as JSON as a whole, not show one of its fields; its fields stay plain. */
export function hiding<T extends object>(value: T, field: keyof T): T {
  const shown = () => ({ ...value, [field]: "(not shown)" });
  return Object.defineProperties(value, { toJSON: { value: shown }, [inspect.custom]: { value: shown } });
}
