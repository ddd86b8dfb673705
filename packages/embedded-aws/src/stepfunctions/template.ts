import { Expression, type Scope } from "./expressions.ts";
import type { Json, JsonObject } from "./json.ts";

/** A value of a definition in which expressions may stand at any depth, compiled. */
export type Template =
  | { kind: "constant"; value: Json }
  | { kind: "expression"; expression: Expression }
  | { kind: "object"; members: [name: string, value: Template][] }
  | { kind: "array"; items: Template[] };

/**
 * The value of a template.
 *
 * @param field where it stands in its state: `Output`; members add `/name`, elements `[0]`
 * @throws EvaluationFailure of the first expression that fails
 */
export async function evaluate(template: Template, field: string, scope: Scope): Promise<Json> {
  switch (template.kind) {
    case "constant":
      return template.value;
    case "expression":
      return template.expression.evaluate(field, scope);
    case "object": {
      const value: JsonObject = {};
      for (const [name, member] of template.members) value[name] = await evaluate(member, `${field}/${name}`, scope);
      return value;
    }
    case "array": {
      const value: Json[] = [];
      for (const [index, item] of template.items.entries()) {
        value.push(await evaluate(item, `${field}[${index}]`, scope));
      }
      return value;
    }
  }
}

/** A scalar field: a constant of its type, or an expression that must give one. */
export type Scalar<T extends Json> = T | Expression;

/**
 * The value of a scalar field.
 *
 * @param expected what the type is called, and how a value of it is known
 * @throws EvaluationFailure if the expression fails or gives another type
 */
export async function evaluateScalar<T extends Json>(
  scalar: Scalar<T>,
  field: string,
  expected: { name: string; is: (value: Json) => value is T },
  scope: Scope,
): Promise<T> {
  if (!(scalar instanceof Expression)) return scalar;
  const value = await scalar.evaluate(field, scope);
  if (!expected.is(value)) throw scalar.unexpected(field, expected.name, value);
  return value;
}

export const STRING = { name: "string", is: (value: Json): value is string => typeof value === "string" };
export const BOOLEAN = { name: "boolean", is: (value: Json): value is boolean => typeof value === "boolean" };
export const NUMBER = { name: "number", is: (value: Json): value is number => typeof value === "number" };
/** Seconds and counts. */
export const INTEGER = {
  name: "number",
  is: (value: Json): value is number => typeof value === "number" && Number.isInteger(value),
};
