import { Expression, isExpression, UnsupportedReference } from "../expressions.ts";
import type { FunctionSources } from "../functions.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import type { Scalar, Template } from "../template.ts";

/** One thing that is wrong with a definition. */
export interface Problem {
  code: string;
  message: string;
  /** Where, e.g. `/States/Push/Retry[0]`. */
  location: string;
}

/**
 * Reads the fields of a definition. What is wrong is collected, and a harmless value returned instead: the definition
 * is refused in the end.
 */
export class Reader {
  readonly problems: Problem[] = [];
  readonly #sources: FunctionSources;

  constructor(sources: FunctionSources) {
    this.#sources = sources;
  }

  problem(message: string, location: string, code = "SCHEMA_VALIDATION_FAILED"): void {
    this.problems.push({ code, message, location });
  }

  /** Complains about fields that are not known there, and about required ones that are missing. */
  fields(object: JsonObject, location: string, known: readonly string[], required: readonly string[] = []): void {
    for (const name of Object.keys(object)) {
      if (!known.includes(name)) this.problem(`Field '${name}' is not supported`, location);
    }
    const missing = required.filter((name) => object[name] === undefined);
    if (missing.length > 0) this.problem(`These fields are required: [${missing.join(", ")}]`, location);
  }

  object(value: Json | undefined, location: string): JsonObject {
    if (isObject(value)) return value;
    if (value !== undefined) this.problem("Expected value of type Object", location);
    return {};
  }

  array(value: Json | undefined, location: string, options: { mayBeEmpty: boolean }): Json[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.problem("Expected value of type Array", location);
      return [];
    }
    if (value.length === 0 && !options.mayBeEmpty) this.problem("Value cannot be empty", location);
    return value;
  }

  text(value: Json | undefined, location: string): string {
    if (typeof value === "string") return value;
    if (value !== undefined) this.problem("Expected value of type String", location);
    return "";
  }

  number(
    value: Json | undefined,
    location: string,
    bounds: { least: number; most?: number; integer?: boolean },
  ): number | undefined {
    if (value === undefined) return undefined;
    const { least, most = Number.MAX_SAFE_INTEGER, integer = true } = bounds;
    if (typeof value !== "number" || (integer && !Number.isInteger(value))) {
      this.problem(`Expected value of type ${integer ? "Integer" : "Number"}`, location);
    } else if (value < least || value > most) {
      this.problem(`Value is not in the range from ${least} to ${most}`, location);
    } else return value;
    return undefined;
  }

  /** A number or an expression. */
  scalarNumber(
    value: Json | undefined,
    location: string,
    bounds: { least: number; most?: number; integer?: boolean },
  ): Scalar<number> | undefined {
    if (typeof value === "string" && isExpression(value)) return this.expression(value, location);
    return this.number(value, location, bounds);
  }

  /** A string or an expression. */
  scalarText(value: Json | undefined, location: string): Scalar<string> | undefined {
    if (value === undefined) return undefined;
    const text = this.text(value, location);
    return isExpression(text) ? this.expression(text, location) : this.literal(text, location);
  }

  /** Any JSON value, with expressions in it. */
  template(value: Json | undefined, location: string, inCatch = false): Template | undefined {
    return value === undefined ? undefined : this.#template(value, location, inCatch);
  }

  expression(text: string, location: string, inCatch = false): Expression | undefined {
    try {
      return new Expression(text, this.#sources, { inCatch });
    } catch (error) {
      const code =
        error instanceof UnsupportedReference ? "UNSUPPORTED_JSONATA_EXPRESSION" : "INVALID_JSONATA_EXPRESSION";
      this.problem((error as Error).message, location, code);
      return undefined;
    }
  }

  literal(text: string, location: string): string {
    if (text.startsWith("{%") || text.endsWith("%}")) {
      this.problem("A JSONata expression must start with '{%' and end with '%}'", location);
    }
    return text;
  }

  #template(value: Json, location: string, inCatch: boolean): Template {
    if (typeof value === "string") {
      if (!isExpression(value)) return { kind: "constant", value: this.literal(value, location) };
      const expression = this.expression(value, location, inCatch);
      return expression === undefined ? { kind: "constant", value } : { kind: "expression", expression };
    }
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.#template(item, `${location}[${index}]`, inCatch));
      return items.every((item) => item.kind === "constant") ? { kind: "constant", value } : { kind: "array", items };
    }
    if (!isObject(value)) return { kind: "constant", value };
    const members = Object.entries(value).map(([name, member]): [string, Template] => [
      name,
      this.#template(member, `${location}/${name}`, inCatch),
    ]);
    const constant = members.every(([, member]) => member.kind === "constant");
    return constant ? { kind: "constant", value } : { kind: "object", members };
  }
}
