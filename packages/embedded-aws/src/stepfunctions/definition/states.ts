import { isExpression } from "../expressions.ts";
import { isObject, type JsonObject } from "../json.ts";
import { parseTimestamp } from "../timestamp.ts";
import { readCatchers, readRetriers } from "./handlers.ts";
import type { ChoiceState, MapState, ParallelState, State, TaskState, WaitState } from "./machine.ts";
import type { Place } from "./place.ts";
import { checkArguments, readResource } from "./resources.ts";
import { readAssign } from "./variables.ts";

const COMMON = ["Type", "Comment", "QueryLanguage"];
const FLOW = ["Next", "End", "Assign", "Output"];
const HANDLERS = ["Retry", "Catch"];

const FIELDS: Record<State["type"], string[]> = {
  Pass: [...COMMON, ...FLOW],
  Task: [...COMMON, ...FLOW, ...HANDLERS, "Resource", "Arguments", "TimeoutSeconds", "HeartbeatSeconds"],
  Choice: [...COMMON, "Choices", "Default", "Assign", "Output"],
  Wait: [...COMMON, ...FLOW, "Seconds", "Timestamp"],
  Succeed: [...COMMON, "Output"],
  Fail: [...COMMON, "Error", "Cause"],
  Parallel: [...COMMON, ...FLOW, ...HANDLERS, "Branches", "Arguments"],
  Map: [
    ...[...COMMON, ...FLOW, ...HANDLERS, "Items", "ItemSelector", "ItemProcessor", "MaxConcurrency", "Label"],
    ...["ToleratedFailureCount", "ToleratedFailurePercentage"],
  ],
};

const REQUIRED: Partial<Record<State["type"], string[]>> = {
  Task: ["Resource"],
  Choice: ["Choices"],
  Parallel: ["Branches"],
  Map: ["ItemProcessor"],
};

const LONGEST_TIMEOUT_SECONDS = 99_999_999;

/** Reads one state; nothing if not even its type is known. */
export function readState(name: string, fields: JsonObject, here: string, place: Place): State | undefined {
  const { reader } = place;
  const type = reader.text(fields.Type, `${here}/Type`) as State["type"];
  if (!Object.hasOwn(FIELDS, type)) {
    reader.problem(fields.Type === undefined ? "These fields are required: [Type]" : `Unknown type '${type}'`, here);
    return undefined;
  }
  const language = reader.text(fields.QueryLanguage, `${here}/QueryLanguage`);
  if (language === "JSONPath" && place.jsonata) {
    reader.problem("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", here);
  } else if (language !== "JSONata" && !(language === "" && place.jsonata)) {
    reader.problem("Only the QueryLanguage 'JSONata' is supported here, and this state is JSONPath", here);
    return undefined;
  }
  reader.fields(fields, here, FIELDS[type], REQUIRED[type]);
  const output = reader.template(fields.Output, `${here}/Output`);
  const assign = readAssign(fields.Assign, reader, here);
  const common = { name, ...(output && { output }), ...(assign && { assign }) };
  const flow = () => ({ ...common, ...readNext(fields, here, place) });
  switch (type) {
    case "Pass":
      return { type, ...flow() };
    case "Task":
      return { type, ...flow(), ...readTask(fields, here, place), ...readHandlers(fields, here, place) };
    case "Choice":
      return { type, ...common, ...readChoice(fields, here, place) };
    case "Wait":
      return { type, ...flow(), ...readWait(fields, here, place) };
    case "Succeed":
      return { type, ...common };
    case "Fail": {
      const error = reader.scalarText(fields.Error, `${here}/Error`);
      const cause = reader.scalarText(fields.Cause, `${here}/Cause`);
      return { type, name, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    }
    case "Parallel":
      return { type, ...flow(), ...readParallel(name, fields, here, place), ...readHandlers(fields, here, place) };
    case "Map":
      return { type, ...flow(), ...readMap(name, fields, here, place), ...readHandlers(fields, here, place) };
  }
}

function readNext(fields: JsonObject, here: string, { reader }: Place): { next?: string } {
  if (fields.End !== undefined && typeof fields.End !== "boolean") {
    reader.problem("Expected value of type Boolean", `${here}/End`);
  }
  if (fields.Next === undefined && fields.End !== true) {
    reader.problem("These fields are required: [Next, End]", here);
  }
  if (fields.Next === undefined) return {};
  if (fields.End !== undefined) reader.problem("Only one of [Next, End] may be given", here);
  return { next: reader.text(fields.Next, `${here}/Next`) };
}

function readHandlers(fields: JsonObject, here: string, { reader }: Place) {
  return {
    retriers: readRetriers(fields.Retry, reader, here),
    catchers: readCatchers(fields.Catch, reader, here),
  };
}

function readTask(fields: JsonObject, here: string, { reader, express }: Place) {
  const resource = readResource(fields.Resource, reader, here, express);
  checkArguments(resource, fields.Arguments, reader, here);
  const bounds = { least: 1, most: LONGEST_TIMEOUT_SECONDS };
  const timeoutSeconds = reader.scalarNumber(fields.TimeoutSeconds, `${here}/TimeoutSeconds`, bounds);
  const heartbeatSeconds = reader.scalarNumber(fields.HeartbeatSeconds, `${here}/HeartbeatSeconds`, bounds);
  if (
    typeof heartbeatSeconds === "number" &&
    typeof timeoutSeconds === "number" &&
    heartbeatSeconds >= timeoutSeconds
  ) {
    reader.problem("HeartbeatSeconds must be smaller than TimeoutSeconds", here);
  }
  const args = reader.template(fields.Arguments, `${here}/Arguments`);
  return {
    resource,
    ...(args && { arguments: args }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
  } satisfies Partial<TaskState>;
}

function readChoice(fields: JsonObject, here: string, { reader }: Place) {
  const rules: ChoiceState["rules"] = [];
  for (const [index, value] of reader.array(fields.Choices, `${here}/Choices`, { mayBeEmpty: false }).entries()) {
    const at = `${here}/Choices[${index}]`;
    const rule = reader.object(value, at);
    reader.fields(rule, at, ["Condition", "Next", "Assign", "Output", "Comment"], ["Condition", "Next"]);
    const output = reader.template(rule.Output, `${at}/Output`);
    const assign = readAssign(rule.Assign, reader, at);
    const parts = { next: reader.text(rule.Next, `${at}/Next`), ...(output && { output }), ...(assign && { assign }) };
    if (typeof rule.Condition === "boolean") rules.push({ condition: rule.Condition, ...parts });
    else if (typeof rule.Condition === "string" && isExpression(rule.Condition)) {
      const condition = reader.expression(rule.Condition, `${at}/Condition`);
      if (condition !== undefined) rules.push({ condition, ...parts });
    } else if (rule.Condition !== undefined) {
      reader.problem("Expected a Boolean or a JSONata expression", `${at}/Condition`);
    }
  }
  return { rules, ...(fields.Default !== undefined && { default: reader.text(fields.Default, `${here}/Default`) }) };
}

function readWait(fields: JsonObject, here: string, { reader }: Place): Partial<WaitState> {
  if ((fields.Seconds === undefined) === (fields.Timestamp === undefined)) {
    reader.problem("Exactly one of [Seconds, Timestamp] is required", here);
  }
  const bounds = { least: 0, most: LONGEST_TIMEOUT_SECONDS };
  const seconds = reader.scalarNumber(fields.Seconds, `${here}/Seconds`, bounds);
  const timestamp = reader.scalarText(fields.Timestamp, `${here}/Timestamp`);
  if (typeof timestamp === "string" && parseTimestamp(timestamp) === undefined) {
    reader.problem(`'${timestamp}' is not an ISO 8601 date-time with an offset`, `${here}/Timestamp`);
  }
  return { ...(seconds !== undefined && { seconds }), ...(timestamp !== undefined && { timestamp }) };
}

function readParallel(name: string, fields: JsonObject, here: string, place: Place) {
  const { reader } = place;
  const branches = reader.array(fields.Branches, `${here}/Branches`, { mayBeEmpty: false });
  const args = reader.template(fields.Arguments, `${here}/Arguments`);
  return {
    ...(args && { arguments: args }),
    branches: branches.map((value, index) => {
      const at = `${here}/Branches[${index}]`;
      const branch = reader.object(value, at);
      reader.fields(branch, at, ["StartAt", "States", "Comment"]);
      return place.nested(`${place.path}/${name}/${index}`, branch, at);
    }),
  } satisfies Partial<ParallelState>;
}

function readMap(name: string, fields: JsonObject, here: string, place: Place) {
  const { reader } = place;
  const at = `${here}/ItemProcessor`;
  const processor = reader.object(fields.ItemProcessor, at);
  reader.fields(processor, at, ["ProcessorConfig", "StartAt", "States", "Comment"]);
  const config = reader.object(processor.ProcessorConfig, `${at}/ProcessorConfig`);
  reader.fields(config, `${at}/ProcessorConfig`, ["Mode", "ExecutionType"]);
  const items = readItems(fields, here, place);
  const itemSelector = reader.template(fields.ItemSelector, `${here}/ItemSelector`);
  const count = { least: 0 };
  const maxConcurrency = reader.scalarNumber(fields.MaxConcurrency, `${here}/MaxConcurrency`, count);
  const failures = reader.scalarNumber(fields.ToleratedFailureCount, `${here}/ToleratedFailureCount`, count);
  const percentage = reader.scalarNumber(fields.ToleratedFailurePercentage, `${here}/ToleratedFailurePercentage`, {
    ...{ least: 0, most: 100, integer: false },
  });
  return {
    ...(items && { items }),
    ...(itemSelector && { itemSelector }),
    ...readMode(name, fields, config, here, place),
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    ...(failures !== undefined && { toleratedFailureCount: failures }),
    ...(percentage !== undefined && { toleratedFailurePercentage: percentage }),
    processor: place.nested(`${place.path}/${name}`, processor, at),
  } satisfies Partial<MapState>;
}

function readItems(fields: JsonObject, here: string, { reader }: Place) {
  const { Items: value } = fields;
  const expression = typeof value === "string" && isExpression(value);
  if (value !== undefined && !expression && !Array.isArray(value)) {
    reader.problem(
      `Expected an Array or a JSONata expression${isObject(value) ? "; objects are not supported here" : ""}`,
      `${here}/Items`,
    );
  }
  return reader.template(value, `${here}/Items`);
}

function readMode(name: string, fields: JsonObject, config: JsonObject, here: string, place: Place): Partial<MapState> {
  const { reader } = place;
  const at = `${here}/ItemProcessor/ProcessorConfig`;
  const mode = reader.text(config.Mode, `${at}/Mode`) || "INLINE";
  const type = reader.text(config.ExecutionType, `${at}/ExecutionType`);
  if (mode === "INLINE") {
    if (type !== "") reader.problem("Field 'ExecutionType' is not supported in the mode INLINE", at);
    if (fields.Label !== undefined) reader.problem("Field 'Label' is not supported in the mode INLINE", here);
    return {};
  }
  if (mode !== "DISTRIBUTED") reader.problem("Mode must be one of [INLINE, DISTRIBUTED]", `${at}/Mode`);
  if (place.express) reader.problem("Express state machine does not support Distributed Map", here);
  if (type !== "STANDARD") reader.problem("Only the ExecutionType 'STANDARD' is supported here", `${at}/ExecutionType`);
  const label = reader.text(fields.Label, `${here}/Label`);
  if (label !== "" && !/^[A-Za-z0-9_-]{1,40}$/.test(label)) {
    reader.problem("Label must be 1 to 40 characters of A-Z, a-z, 0-9, _ and -", `${here}/Label`);
  }
  return { distributed: { label: label || name.replace(/[^A-Za-z0-9_-]/g, "").slice(0, 40) || "Map" } };
}
