import { AwsError } from "../http/service.ts";

interface ParameterDefinition {
  type: "String";
  description?: string;
  default?: string;
  allowedPattern?: string;
  allowedValues?: string[];
  interpolationType?: "ENV_VAR";
}

/** A command document of schema 2.2 with one shell script. */
export interface Document {
  parameters: Record<string, ParameterDefinition>;
  step: { name: string; runCommand: string[]; timeoutSeconds: string };
}

/** A document with its parameters filled in, ready to run. */
export interface PreparedScript {
  script: string;
  environment: Record<string, string>;
  timeoutMs: number;
}

const PARAMETER_MEMBERS = ["type", "description", "default", "allowedPattern", "allowedValues", "interpolationType"];
const DEFAULT_TIMEOUT_SECONDS = "3600";

/**
 * Reads a document's content. What SSM knows and this stand-in does not (other plugins, several steps, other types of
 * parameters) is refused here rather than at the instance.
 *
 * @throws AwsError InvalidDocumentContent, InvalidDocumentSchemaVersion
 */
export function readDocument(content: string): Document {
  const document = object(parse(content), "the document");
  if (document.schemaVersion !== "2.2") {
    throw new AwsError("InvalidDocumentSchemaVersion", "The embedded AWS knows only documents of schema version 2.2.");
  }
  only(document, ["schemaVersion", "description", "parameters", "mainSteps"], "the document");
  const parameters = Object.entries(object(document.parameters ?? {}, "parameters")).map(
    ([name, definition]): [string, ParameterDefinition] => [name, readParameter(name, definition)],
  );
  const [step, ...more] = Array.isArray(document.mainSteps) ? document.mainSteps : [];
  if (more.length > 0) throw invalid("the embedded AWS knows only documents with one step");
  return {
    parameters: Object.fromEntries(parameters),
    step: readStep(object(step, "mainSteps[0]")),
  };
}

/**
 * Checks the parameters of a command against its document, and completes them with the defaults.
 *
 * @throws AwsError InvalidParameters, which never quotes a value
 */
export function checkParameters(document: Document, given: Record<string, string[]>): Record<string, string[]> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(document.parameters, name));
  if (unknown !== undefined) throw refused(`The document has no parameter ${unknown}.`);
  const checked = Object.entries(document.parameters).map(([name, definition]): [string, string[]] => {
    const values = Object.hasOwn(given, name) ? given[name] : undefined;
    if (values === undefined) {
      if (definition.default === undefined) throw refused(`The parameter ${name} is required.`);
      return [name, [definition.default]];
    }
    const [value, ...more] = Array.isArray(values) ? values : [];
    if (typeof value !== "string" || more.length > 0) throw refused(`The parameter ${name} takes exactly one value.`);
    checkValue(name, definition, value);
    return [name, [value]];
  });
  return Object.fromEntries(checked);
}

/** @param parameters as `checkParameters` returned them */
export function prepareScript(document: Document, parameters: Record<string, string[]>): PreparedScript {
  const environment: Record<string, string> = {};
  const inText = new Map<string, string>();
  for (const [name, { interpolationType }] of Object.entries(document.parameters)) {
    const value = parameters[name]?.[0] ?? "";
    // A value that goes into the environment must not become part of the script's text as well.
    if (interpolationType === "ENV_VAR") environment[`SSM_${name}`] = value;
    else inText.set(name, value);
  }
  const filled = (text: string) =>
    text.replace(/\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g, (placeholder, name: string) => inText.get(name) ?? placeholder);
  const seconds = Number(filled(document.step.timeoutSeconds));
  if (!Number.isInteger(seconds) || seconds < 1)
    throw refused("The document's timeoutSeconds is no number of seconds.");
  return { script: document.step.runCommand.map(filled).join("\n"), environment, timeoutMs: seconds * 1000 };
}

function readParameter(name: string, given: unknown): ParameterDefinition {
  const where = `the parameter ${name}`;
  const definition = object(given, where);
  only(definition, PARAMETER_MEMBERS, where);
  if (!/^[A-Za-z0-9_]{1,128}$/.test(name)) throw invalid(`${where} has no valid name`);
  if (definition.type !== "String")
    throw invalid(`the embedded AWS knows only parameters of type String; ${where} is none`);
  for (const member of ["default", "allowedPattern", "description"]) {
    if (!["string", "undefined"].includes(typeof definition[member])) throw invalid(`${member} of ${where} is no text`);
  }
  if (definition.interpolationType !== undefined && definition.interpolationType !== "ENV_VAR") {
    throw invalid(`interpolationType of ${where} must be ENV_VAR`);
  }
  const parameter = definition as unknown as ParameterDefinition;
  try {
    if (parameter.allowedPattern !== undefined) new RegExp(parameter.allowedPattern);
  } catch (error) {
    throw invalid(`allowedPattern of ${where} is no pattern: ${(error as SyntaxError).message}`);
  }
  if (parameter.default !== undefined) checkValue(name, parameter, parameter.default);
  return parameter;
}

function readStep(step: Record<string, unknown>): Document["step"] {
  only(step, ["action", "name", "inputs", "precondition"], "the step");
  const { action, name, precondition } = step;
  if (action !== "aws:runShellScript") throw invalid(`the embedded AWS knows only aws:runShellScript, not ${action}`);
  if (typeof name !== "string" || !/^[A-Za-z0-9_-]{1,128}$/.test(name)) throw invalid("the step has no valid name");
  const onLinux = JSON.stringify({ StringEquals: ["platformType", "Linux"] });
  if (precondition !== undefined && JSON.stringify(precondition) !== onLinux) {
    throw invalid(`the embedded AWS knows only the precondition ${onLinux}`);
  }
  const inputs = object(step.inputs, "inputs");
  only(inputs, ["runCommand", "timeoutSeconds"], "inputs");
  const { runCommand, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = inputs;
  if (!Array.isArray(runCommand) || !runCommand.every((line) => typeof line === "string")) {
    throw invalid("runCommand must be a list of lines");
  }
  return { name, runCommand, timeoutSeconds: String(timeoutSeconds) };
}

function checkValue(name: string, { allowedPattern, allowedValues }: ParameterDefinition, value: string): void {
  if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value)) {
    throw refused(`The value of the parameter ${name} does not match its allowedPattern ${allowedPattern}.`);
  }
  if (allowedValues !== undefined && !allowedValues.includes(value)) {
    throw refused(`The value of the parameter ${name} is none of its allowedValues.`);
  }
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw invalid(`it is no JSON: ${(error as SyntaxError).message}`);
  }
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(`${where} must be an object`);
}

function only(value: object, known: string[], where: string): void {
  const other = Object.keys(value).find((member) => !known.includes(member));
  if (other !== undefined) throw invalid(`the embedded AWS does not know ${other} in ${where}`);
}

function invalid(reason: string): AwsError {
  return new AwsError("InvalidDocumentContent", `The content of the document is not valid: ${reason}.`);
}

function refused(message: string): AwsError {
  return new AwsError("InvalidParameters", message);
}
