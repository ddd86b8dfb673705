import { isObject, type Json } from "../json.ts";
import type { Resource } from "./machine.ts";
import type { Reader } from "./reader.ts";

const FUNCTION_ARN = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$/;

const INTEGRATIONS: Record<string, Resource> = {
  "arn:aws:states:::lambda:invoke": { kind: "lambda:invoke", name: "invoke", token: false },
  "arn:aws:states:::lambda:invoke.waitForTaskToken": {
    kind: "lambda:invoke",
    name: "invoke.waitForTaskToken",
    token: true,
  },
  "arn:aws:states:::states:startExecution": { kind: "states:startExecution", name: "startExecution", token: false },
  "arn:aws:states:::states:startExecution.sync": {
    kind: "states:startExecution",
    name: "startExecution.sync",
    token: false,
    sync: "text",
  },
  "arn:aws:states:::states:startExecution.sync:2": {
    kind: "states:startExecution",
    name: "startExecution.sync:2",
    token: false,
    sync: "parsed",
  },
  "arn:aws:states:::states:startExecution.waitForTaskToken": {
    kind: "states:startExecution",
    name: "startExecution.waitForTaskToken",
    token: true,
  },
};

/** Which members the Arguments of an integration may have, the first being required. */
export const PARAMETERS: Record<"lambda:invoke" | "states:startExecution", readonly [string, ...string[]]> = {
  "lambda:invoke": ["FunctionName", "Payload", "InvocationType"],
  "states:startExecution": ["StateMachineArn", "Input", "Name"],
};

/** Reads a Task's Resource; what the embedded AWS cannot call is a problem. */
export function readResource(value: Json | undefined, reader: Reader, location: string, express: boolean): Resource {
  const arn = reader.text(value, `${location}/Resource`);
  const integration = INTEGRATIONS[arn];
  if (integration === undefined) {
    if (!FUNCTION_ARN.test(arn) && value !== undefined) {
      reader.problem(`The resource provided ${arn} is not recognized.`, `${location}/Resource`);
    }
    return { kind: "function", arn };
  }
  const waits = integration.kind !== "function" && (integration.token || "sync" in integration);
  if (express && waits) {
    reader.problem(`Express state machine does not support '${arn}' service integration`, `${location}/Resource`);
  }
  return integration;
}

/** Checks the Arguments of an integration as far as they are written down. */
export function checkArguments(resource: Resource, value: Json | undefined, reader: Reader, location: string): void {
  if (resource.kind === "function" || typeof value === "string") return;
  const parameters = PARAMETERS[resource.kind];
  const here = `${location}/Arguments`;
  if (value !== undefined && !isObject(value)) {
    reader.problem("Expected value of type Object", here);
    return;
  }
  const given = value ?? {};
  for (const name of Object.keys(given)) {
    if (!parameters.includes(name)) reader.problem(`The field '${name}' is not supported by Step Functions`, here);
  }
  if (given[parameters[0]] === undefined) {
    reader.problem(`The field '${parameters[0]}' is required but was missing`, here);
  }
}
