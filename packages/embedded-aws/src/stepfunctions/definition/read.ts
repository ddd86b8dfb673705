import type { FunctionSources } from "../functions.ts";
import { isObject, type Json, type JsonObject, readJson } from "../json.ts";
import type { Container, Machine } from "./machine.ts";
import type { Place } from "./place.ts";
import { type Problem, Reader } from "./reader.ts";
import { readState } from "./states.ts";

const TOP = ["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"];
const LONGEST_STATE_NAME = 80;

/**
 * Reads a definition in the Amazon States Language (https://states-language.net), JSONata only.
 *
 * @returns the machine, or everything that is wrong with it
 */
export function readDefinition(
  text: string,
  options: { express: boolean; sources: FunctionSources },
): { machine: Machine } | { problems: Problem[] } {
  let definition: Json;
  try {
    definition = readJson(text);
  } catch (error) {
    return { problems: [{ code: "INVALID_JSON_DESCRIPTION", message: (error as Error).message, location: "/" }] };
  }
  const reader = new Reader(options.sources);
  if (!isObject(definition)) {
    return { problems: [{ code: "INVALID_JSON_DESCRIPTION", message: "Expected a JSON object", location: "/" }] };
  }
  reader.fields(definition, "/", TOP);
  const language = reader.text(definition.QueryLanguage, "/QueryLanguage");
  if (!["", "JSONata", "JSONPath"].includes(language)) {
    reader.problem("QueryLanguage must be one of [JSONata, JSONPath]", "/QueryLanguage");
  }
  if (definition.Version !== undefined && definition.Version !== "1.0") {
    reader.problem("Version must be '1.0'", "/Version");
  }
  const timeoutSeconds = reader.number(definition.TimeoutSeconds, "/TimeoutSeconds", { least: 1, most: 99_999_999 });
  const containers: Machine["containers"] = new Map();
  const names = new Set<string>();
  const read = (path: string, fields: JsonObject, location: string): string => {
    const place = { reader, express: options.express, jsonata: language === "JSONata", nested: read, path, names };
    containers.set(path, readContainer(fields, location, place));
    return path;
  };
  read("", definition, "");
  if (reader.problems.length > 0) return { problems: reader.problems };
  return { machine: { containers, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) } };
}

function readContainer(fields: JsonObject, location: string, place: Place): Container {
  const { reader } = place;
  const missing = ["StartAt", "States"].filter((name) => fields[name] === undefined);
  if (missing.length > 0) reader.problem(`These fields are required: [${missing.join(", ")}]`, location || "/");
  const startAt = reader.text(fields.StartAt, `${location}/StartAt`);
  const definitions = reader.object(fields.States, `${location}/States`);
  const states: Container["states"] = new Map();
  const transitions: { from?: string; to: string; at: string }[] = [{ to: startAt, at: `${location}/StartAt` }];
  let ends = false;
  for (const [name, value] of Object.entries(definitions)) {
    const here = `${location}/States/${name}`;
    if (name.length === 0 || name.length > LONGEST_STATE_NAME) {
      reader.problem(`State name must be 1 to ${LONGEST_STATE_NAME} characters`, here);
    }
    if (place.names.has(name)) reader.problem(`Duplicate State name: ${name}`, here, "DUPLICATE_STATE_NAME");
    place.names.add(name);
    const state = readState(name, reader.object(value, here), here, place);
    if (state === undefined) continue;
    states.set(name, state);
    const going = targets(state);
    transitions.push(...going.map((to) => ({ from: name, to, at: here })));
    ends ||= state.type === "Succeed" || state.type === "Fail" || ("next" in state ? false : state.type !== "Choice");
  }
  for (const { to, at } of transitions) {
    if (definitions[to] === undefined && to !== "") {
      reader.problem(`Missing 'Next' target: ${to}`, at, "MISSING_TRANSITION_TARGET");
    }
  }
  checkReach(Object.keys(definitions), transitions, reader, location);
  if (!ends && states.size > 0) reader.problem("No terminal state", location || "/", "MISSING_END_STATE");
  return { startAt, states };
}

type Reached = ReturnType<typeof readState> & object;

function targets(state: Reached): string[] {
  const names: string[] = [];
  if ("next" in state && state.next !== undefined) names.push(state.next);
  if (state.type === "Choice") {
    names.push(...state.rules.map((rule) => rule.next));
    if (state.default !== undefined) names.push(state.default);
  }
  if ("catchers" in state) names.push(...state.catchers.map((catcher) => catcher.next));
  return names;
}

/** Complains about states that no transition leads to. */
function checkReach(
  names: string[],
  transitions: { from?: string; to: string }[],
  reader: Reader,
  location: string,
): void {
  const reached = new Set(transitions.filter(({ from }) => from === undefined).map(({ to }) => to));
  for (const name of reached) {
    for (const { from, to } of transitions) if (from === name) reached.add(to);
  }
  for (const name of names) {
    if (!reached.has(name)) {
      reader.problem(`State "${name}" is not reachable.`, `${location}/States/${name}`, "UNREACHABLE_STATE");
    }
  }
}
