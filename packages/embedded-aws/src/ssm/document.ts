import { AwsError } from "../http/service.ts";

/** What a command document of schema 2.2 with one shell script has run. */
export interface Script {
  /** What AWS calls the plugin: the name of the document's step. */
  step: string;
  script: string;
  timeoutMs: number;
}

const DEFAULT_TIMEOUT_SECONDS = "3600";

/**
 * Reads a document's content. What SSM knows and this stand-in does not (other plugins, several steps, parameters) is
 * refused here rather than at the instance.
 *
 * @throws AwsError InvalidDocumentContent, InvalidDocumentSchemaVersion
 */
export function readDocument(content: string): Script {
  const document = object(parse(content), "the document");
  if (document.schemaVersion !== "2.2") {
    throw new AwsError("InvalidDocumentSchemaVersion", "The embedded AWS knows only documents of schema version 2.2.");
  }
  only(document, ["schemaVersion", "description", "mainSteps"], "the document");
  const [step, ...more] = Array.isArray(document.mainSteps) ? document.mainSteps : [];
  if (more.length > 0) throw invalid("the embedded AWS knows only documents with one step");
  return readStep(object(step, "mainSteps[0]"));
}

function readStep(step: Record<string, unknown>): Script {
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
  const seconds = Number(timeoutSeconds);
  if (!Number.isInteger(seconds) || seconds < 1) throw invalid("timeoutSeconds is no number of seconds");
  return { step: name, script: runCommand.join("\n"), timeoutMs: seconds * 1000 };
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
