import { AwsError } from "../http/service.ts";

export type Matcher = (value: unknown) => boolean;

/** Whether a value of an event, `undefined` where there is none, meets a condition. */
type Condition = (value: unknown) => boolean;

/**
 * Reads an event pattern: a structure like the event's, with a list of conditions for each field, of which one must be
 * met. Operators that are not known here are refused, as are malformed ones.
 *
 * @param text JSON
 * @throws AwsError InvalidEventPatternException
 */
export function compilePattern(text: string): Matcher {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (error) {
    throw invalid(`it is no JSON: ${(error as SyntaxError).message}`);
  }
  return structure(pattern, "the pattern");
}

function structure(pattern: unknown, where: string): Matcher {
  if (!isObject(pattern)) throw invalid(`${where} must be an object or an array`);
  const fields = Object.entries(pattern).map(([name, inner]): [string, Matcher] => [
    name,
    Array.isArray(inner) ? conditions(inner, name) : structure(inner, `"${name}"`),
  ]);
  if (fields.length === 0) throw invalid(`${where} is empty`);
  const matches: Matcher = (value) => {
    // Of a list of structures one has to match.
    if (Array.isArray(value)) return value.some(matches);
    return fields.every(([name, field]) =>
      field(isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    );
  };
  return matches;
}

function conditions(list: unknown[], name: string): Matcher {
  if (list.length === 0) throw invalid(`the array of "${name}" is empty`);
  const all = list.map((one) => condition(one, name));
  return (value) => {
    // An empty list is as good as no field.
    const values = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
    if (values.length === 0) values.push(undefined);
    return all.some((meets) => values.some(meets));
  };
}

function condition(expected: unknown, name: string): Condition {
  if (!isObject(expected)) {
    if (Array.isArray(expected)) throw invalid(`"${name}" holds an array in its array`);
    return (value) => value === expected;
  }
  const [[operator, operand] = ["", undefined], ...more] = Object.entries(expected);
  if (more.length > 0) throw invalid(`"${name}" holds a condition with more than one operator`);
  const read = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (read === undefined) throw invalid(`Unrecognized match type ${operator}`);
  return read(operand, name);
}

const OPERATORS: Record<string, (operand: unknown, name: string) => Condition> = {
  prefix: (operand, name) => affix(operand, name, (text, affix) => text.startsWith(affix)),
  suffix: (operand, name) => affix(operand, name, (text, affix) => text.endsWith(affix)),
  "equals-ignore-case": (operand, name) => {
    const expected = string(operand, name).toLowerCase();
    return (value) => typeof value === "string" && value.toLowerCase() === expected;
  },
  exists: (operand, name) => {
    if (typeof operand !== "boolean") throw invalid(`exists of "${name}" must be true or false`);
    // Only a leaf exists: a structure is none.
    return (value) => (operand ? value !== undefined && !isObject(value) : value === undefined);
  },
  numeric: (operand, name) => numeric(operand, name),
  "anything-but": (operand, name) => {
    const unwanted = anythingBut(operand, name);
    return (value) => value !== undefined && !isObject(value) && !unwanted(value);
  },
};

/** `"ab"`, or `{ "equals-ignore-case": "ab" }`. */
function affix(operand: unknown, name: string, has: (text: string, affix: string) => boolean): Condition {
  if (isObject(operand) && Object.keys(operand).join() === "equals-ignore-case") {
    const expected = string(operand["equals-ignore-case"], name).toLowerCase();
    return (value) => typeof value === "string" && has(value.toLowerCase(), expected);
  }
  const expected = string(operand, name);
  return (value) => typeof value === "string" && has(value, expected);
}

/** What `anything-but` excludes: a value, values, or `{ "prefix": … }` and `{ "suffix": … }` of one or more texts. */
function anythingBut(operand: unknown, name: string): Condition {
  if (isObject(operand)) {
    const [[operator, inner] = ["", undefined], ...more] = Object.entries(operand);
    if ((operator !== "prefix" && operator !== "suffix") || more.length > 0) {
      throw invalid(`Unrecognized match type ${operator} in anything-but of "${name}"`);
    }
    const texts = (Array.isArray(inner) ? inner : [inner]).map((one) => string(one, name));
    return (value) =>
      typeof value === "string" &&
      texts.some((text) => (operator === "prefix" ? value.startsWith(text) : value.endsWith(text)));
  }
  const values = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0 || !values.every((one) => typeof one === "string" || typeof one === "number")) {
    throw invalid(`anything-but of "${name}" must hold texts or numbers`);
  }
  return (value) => values.includes(value as string | number);
}

/** `[">", 0, "<=", 5]` */
function numeric(operand: unknown, name: string): Condition {
  const malformed = invalid(`numeric of "${name}" must be a list of comparisons and numbers`);
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) throw malformed;
  const comparisons = [operand.slice(0, 2), operand.slice(2, 4)].filter((pair) => pair.length === 2);
  const compared = comparisons.map(([sign, limit]): ((value: number) => boolean) => {
    if (typeof limit !== "number") throw malformed;
    if (sign === "=") return (value) => value === limit;
    if (sign === ">") return (value) => value > limit;
    if (sign === ">=") return (value) => value >= limit;
    if (sign === "<") return (value) => value < limit;
    if (sign === "<=") return (value) => value <= limit;
    throw malformed;
  });
  return (value) => typeof value === "number" && compared.every((holds) => holds(value));
}

function string(operand: unknown, name: string): string {
  if (typeof operand !== "string") throw invalid(`an operator of "${name}" needs a text`);
  return operand;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(reason: string): AwsError {
  return new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
}
