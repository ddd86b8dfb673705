import { AwsError } from "../http/service.ts";

export type Matcher = (value: unknown) => boolean;

/** Whether a value of an event, at the end of a path, meets a condition; or that there must be no such value. */
type Condition = ((value: unknown) => boolean) | "absent";

/** A field of a pattern: its path as AWS compares it, names joined by dots, whatever dots they hold themselves. */
interface Field {
  path: string;
  conditions: Condition[];
}

/** A value at the end of a path that is no structure and no list, and by which places of which lists one gets there. */
interface Leaf {
  value: unknown;
  places: Map<object, number>;
}

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
  const fields = fieldsOf(pattern, "the pattern", "").sort((a, b) => (a.path < b.path ? -1 : 1));
  return (event) => {
    const leaves = new Map<string, Leaf[]>();
    addLeaves(event, "", new Map(), leaves);
    return holds(fields, leaves, new Map());
  };
}

function fieldsOf(pattern: unknown, where: string, before: string): Field[] {
  if (!isObject(pattern)) throw invalid(`${where} must be an object or an array`);
  const fields = Object.entries(pattern).flatMap(([name, inner]) => {
    if (!Array.isArray(inner)) return fieldsOf(inner, `"${name}"`, `${before}${name}.`);
    if (inner.length === 0) throw invalid(`the array of "${name}" is empty`);
    return { path: before + name, conditions: inner.map((one) => condition(one, name)) };
  });
  if (fields.length === 0) throw invalid(`${where} is empty`);
  return fields;
}

function addLeaves(value: unknown, path: string, places: Map<object, number>, leaves: Map<string, Leaf[]>): void {
  if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) addLeaves(one, path, new Map([...places, [value, at]]), leaves);
  } else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      addLeaves(inner, path === "" ? name : `${path}.${name}`, places, leaves);
    }
  } else {
    leaves.set(path, [...(leaves.get(path) ?? []), { value, places }]);
  }
}

/** Whether the fields are all met, by values that stand in the same structure of each list. */
function holds([field, ...others]: Field[], leaves: Map<string, Leaf[]>, places: Map<object, number>): boolean {
  if (field === undefined) return true;
  const near = (leaves.get(field.path) ?? []).filter((leaf) =>
    [...leaf.places].every(([list, at]) => (places.get(list) ?? at) === at),
  );
  if (near.length === 0) return field.conditions.includes("absent") && holds(others, leaves, places);
  return near.some(
    (leaf) =>
      field.conditions.some((meets) => meets !== "absent" && meets(leaf.value)) &&
      holds(others, leaves, new Map([...places, ...leaf.places])),
  );
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
    return operand ? () => true : "absent";
  },
  numeric: (operand, name) => numeric(operand, name),
  "anything-but": (operand, name) => {
    const unwanted = anythingBut(operand, name);
    return (value) => !unwanted(value);
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
function anythingBut(operand: unknown, name: string): (value: unknown) => boolean {
  if (isObject(operand)) {
    const [[operator, inner] = ["", undefined], ...more] = Object.entries(operand);
    if ((operator !== "prefix" && operator !== "suffix") || more.length > 0) {
      throw invalid(`Unrecognized match type ${operator} in anything-but of "${name}"`);
    }
    const texts = (Array.isArray(inner) ? inner : [inner]).map((one) => string(one, name));
    if (texts.includes("")) throw invalid("Null prefix/suffix not allowed");
    return (value) =>
      typeof value === "string" &&
      texts.some((text) => (operator === "prefix" ? value.startsWith(text) : value.endsWith(text)));
  }
  const values = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0 || !values.every((one) => typeof one === "string" || typeof one === "number")) {
    throw invalid(`anything-but of "${name}" must hold texts or numbers`);
  }
  if (new Set(values.map((one) => typeof one)).size > 1) {
    throw invalid(`anything-but of "${name}" must hold either texts or numbers: mixed types are not supported`);
  }
  return (value) => values.includes(value as string | number);
}

const COMPARISONS: Record<string, (value: number, limit: number) => boolean> = {
  "=": (value, limit) => value === limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
};

/** `["=", 1]`, or one bound or both: `[">", 0, "<=", 5]` */
function numeric(operand: unknown, name: string): Condition {
  const malformed = invalid(`numeric of "${name}" must be a list of comparisons and numbers`);
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) throw malformed;
  const compared = [operand.slice(0, 2), operand.slice(2)].slice(0, operand.length / 2).map(([sign, limit]) => {
    const compare = Object.hasOwn(COMPARISONS, sign) ? COMPARISONS[sign] : undefined;
    if (typeof limit !== "number" || compare === undefined) throw malformed;
    return (value: number) => compare(value, limit);
  });
  if (operand.length === 4) {
    const [above, bottom, below, top] = operand;
    if (!/^>=?$/.test(above) || !/^<=?$/.test(below)) throw malformed;
    if (bottom >= top) throw invalid(`Bottom must be less than top in numeric of "${name}"`);
  }
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
