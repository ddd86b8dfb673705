import { parsed } from "../flow/json.ts";
import type { Json } from "../wire/executions.ts";

/** JSON as people read it: indented, with what stands in it as text that is JSON itself; of what is too long, the beginning. */
export function indented(text: string, longest: number): Json {
  const whole = JSON.stringify(opened(parsed(text)), null, 2);
  return whole.length > longest ? { text: whole.slice(0, longest), cutOf: whole.length } : { text: whole };
}

/** What says nothing of the flow: how the call of a function went on the wire. */
const OF_THE_WIRE = [
  "SdkHttpMetadata",
  "SdkResponseMetadata",
  "inputDetails",
  "outputDetails",
  "assignedVariablesDetails",
];

function opened(value: unknown): unknown {
  if (typeof value === "string") return /^\s*[[{]/.test(value) ? openedText(value) : value;
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !OF_THE_WIRE.includes(name));
  return Object.fromEntries(kept.map(([name, one]) => [name, name === VARIABLES ? openedVariables(one) : opened(one)]));
}

/** What a variable is set to is text in any case, also a number. */
const VARIABLES = "assignedVariables";

function openedVariables(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return opened(value);
  const all = Object.entries(value).map(([name, one]) => [name, typeof one === "string" ? opened(parsed(one)) : one]);
  return Object.fromEntries(all);
}

function openedText(text: string): unknown {
  const value = parsed(text);
  return typeof value === "string" ? text : opened(value);
}

/** None is as short as what somebody writes into an input to have parts of the document taken for one. */
const TASK_TOKEN = /taskToken\\*"\s*:\s*\\*"([^"\\]{32,})/gi;
const LEFT_OUT = "(a task token: left out)";

/**
 * A document without the tokens that stand in it, by which whoever reads them could answer in the place of an instance. Step
 * Functions keeps them in the history, in what a state was called with.
 */
export function leaveOutTokens<Document>(document: Document): Document {
  const text = JSON.stringify(document);
  const tokens = new Set(Array.from(text.matchAll(TASK_TOKEN), ([, token = ""]) => token));
  if (tokens.size === 0) return document;
  // By its texts, as anybody may write as a token what is a part of the document's own words.
  return JSON.parse(text, (_, value) =>
    typeof value === "string" ? [...tokens].reduce((left, token) => left.replaceAll(token, LEFT_OUT), value) : value,
  );
}
