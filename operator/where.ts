import { misused } from "./exits.ts";

/** A test of an instance: a field, an operator and a value, as somebody has typed it. */
export interface Test {
  field: string;
  operator: "=" | "!=" | "<" | ">";
  value: string;
}

/**
 * Reads one test, e.g. `verdict!=MATCH`.
 *
 * @throws Stopped (2) with a sentence
 */
export function readTest(text: string): Test {
  const [, field = "", operator, value = ""] = /^(\w+)(!=|=|<|>)(.+)$/.exec(text) ?? [];
  if (operator === undefined)
    throw misused(`"${text}" is no test: say it as status=ACTIVE, verdict!=MATCH or age>30d.`);
  return { field, operator: operator as Test["operator"], value };
}
