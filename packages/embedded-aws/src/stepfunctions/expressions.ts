import jsonata from "jsonata";
import { EvaluationFailure } from "./failure.ts";
import { type FunctionSources, registerFunctions } from "./functions.ts";
import { isNoNumber, type Json, typeName } from "./json.ts";

/** What an expression can see: `$states`, and the workflow's variables by name. */
export interface Scope {
  states: object;
  variable: (name: string) => Json | undefined;
}

/** A runaway expression ends after this long, in milliseconds of real time. */
const LONGEST_EVALUATION_MS = 5_000;
/** AWS takes an evaluation that is nested this deep, and refuses a deeper one. */
const DEEPEST_EVALUATION = 100;

/** Whether a string of a definition is an expression: `{% … %}` with nothing around. */
export function isExpression(text: string): boolean {
  return text.startsWith("{%") && text.endsWith("%}") && text.length >= 4;
}

/** A JSONata expression of a definition, compiled once. */
export class Expression {
  readonly source: string;
  /** The workflow's variables that it reads. */
  readonly #variables: string[];
  readonly #compiled: jsonata.Expression;

  /**
   * @param text with its `{% %}`
   * @throws Error with JSONata's message if it is no JSONata; UnsupportedReference if it reads what is not there
   */
  constructor(text: string, sources: FunctionSources, options: { inCatch: boolean }) {
    this.source = text.slice(2, -2).trim();
    this.#compiled = jsonata(this.source, { timeout: LONGEST_EVALUATION_MS, stack: DEEPEST_EVALUATION });
    this.#variables = variablesOf(this.#compiled.ast(), options.inCatch);
    registerFunctions(this.#compiled, sources);
  }

  /**
   * The value of the expression.
   *
   * @param field where it stands, e.g. `Output/a`, for the error's text
   * @throws EvaluationFailure if it fails, or returns nothing, or what is not JSON
   */
  async evaluate(field: string, scope: Scope): Promise<Json> {
    const bindings: Record<string, unknown> = { states: scope.states };
    for (const name of this.#variables) {
      const value = scope.variable(name);
      if (value !== undefined) bindings[name] = value;
    }
    let value: unknown;
    try {
      value = await this.#compiled.evaluate(undefined, bindings);
    } catch (error) {
      throw this.#failure(field, `threw an error during evaluation${reason(error)}`);
    }
    if (value === undefined) throw this.#failure(field, "returned nothing (undefined).");
    const text = JSON.stringify(value, (_, part) => {
      if (isFunction(part)) throw this.#failure(field, "returned an unsupported result type.");
      if (isNoNumber(part))
        throw this.#failure(field, `threw an error during evaluation. D1001: Number out of range: ${part}`);
      return part;
    });
    // Through text, so that nothing of JSONata's own (sequences, shared objects) stays in the value.
    return JSON.parse(text) as Json;
  }

  /** The failure for a value that is not of the type that its field needs. */
  unexpected(field: string, expected: string, value: Json): EvaluationFailure {
    const found = `Expected '${expected}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`;
    return this.#failure(field, `returned an unexpected result type. ${found}`);
  }

  #failure(field: string, what: string): EvaluationFailure {
    return new EvaluationFailure(
      `The JSONata expression '${this.source}' specified for the field '${field}' ${what}`,
      field,
    );
  }
}

function reason(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code === undefined ? `: ${message}` : `. ${code}: ${message}`;
}

function isFunction(value: unknown): boolean {
  if (typeof value === "function") return true;
  if (typeof value !== "object" || value === null) return false;
  return "_jsonata_lambda" in value || "_jsonata_function" in value;
}

/** An expression that reads what Step Functions does not offer there. */
export class UnsupportedReference extends Error {}

type Node = { type?: string; value?: unknown; steps?: Node[] };

/** The parts of JSONata's syntax tree in which names refer to the value at hand and not to the top level. */
const WITH_CONTEXT = new Set(["stages", "predicate", "group", "terms", "pattern", "update", "delete"]);

/** The names of the variables that an expression reads, after a look whether all that it reads can be there. */
function variablesOf(tree: unknown, inCatch: boolean): string[] {
  const names = new Set<string>();
  const visit = (node: unknown, top: boolean): void => {
    if (Array.isArray(node)) {
      for (const part of node) visit(part, top);
      return;
    }
    if (typeof node !== "object" || node === null || node instanceof RegExp) return;
    const { type, value, steps } = node as Node;
    if (type === "variable" && typeof value === "string") readVariable(value, top);
    if (type === "name" && top) throw unsupported(String(value));
    if ((type === "wildcard" || type === "descendant" || type === "parent") && top) throw unsupported(String(value));
    if (type === "condition") refuseNewOperators(node as Condition);
    if (steps !== undefined) {
      visit(steps[0], top);
      visit(steps.slice(1), false);
      if (!inCatch && steps[0]?.value === "states" && steps[1]?.value === "errorOutput") {
        throw new UnsupportedReference("Reference to '$states.errorOutput' is not supported outside of a Catch.");
      }
    }
    for (const [key, part] of Object.entries(node)) {
      if (key !== "steps" && typeof part === "object") visit(part, top && !WITH_CONTEXT.has(key));
    }
  };
  const readVariable = (name: string, top: boolean) => {
    if (name === "$" || (name === "" && top)) throw unsupported(`$${name}`);
    if (name !== "" && name !== "states") names.add(name);
  };
  visit(tree, true);
  return [...names];
}

type Condition = { condition: { type?: string; position?: number }; then: unknown };

/**
 * Step Functions implements JSONata 2.0.6, which does not know the operators `?:` and `??` of 2.1. The parser writes
 * them as conditions: `a ?: b` as one whose first two parts are the same place of the text, `a ?? b` as one on an
 * `$exists` that stands nowhere in it.
 */
function refuseNewOperators({ condition, then }: Condition): void {
  const symbol = JSON.stringify(condition) === JSON.stringify(then) ? ":" : "?";
  if (symbol === "?" && (condition.type !== "function" || condition.position !== undefined)) return;
  throw new Error(`The symbol "${symbol}" cannot be used as a unary operator`);
}

function unsupported(name: string): UnsupportedReference {
  return new UnsupportedReference(`Reference to '${name}' at the top level is not supported.`);
}
