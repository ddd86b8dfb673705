import type { StepContract } from "../../functions/shared/contract.ts";
import { TEMPORARILY_UNAVAILABLE } from "../../functions/shared/errors.ts";
import { placeholderOf, STEPS } from "../../functions/steps.ts";
import { PUSH_TIMEOUT_SECONDS } from "../../protocol/index.ts";
import type { Definition, Scope, State } from "../../statemachines/definition.ts";
import { fill } from "../../statemachines/placeholders.ts";
import { flowNames, readFlow } from "../../statemachines/read.ts";

export type { Scope, State };

export interface FlowFile extends Definition {
  name: string;
  /** The definition as AWS takes it, with its placeholders. */
  text: string;
}

/** The names under which a step fails when Lambda itself does, or AWS behind it: worth trying again. */
export const PLATFORM = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.Unknown",
  "Lambda.TooManyRequestsException",
  "Sandbox.Timedout",
  TEMPORARILY_UNAVAILABLE,
];

/** Every flow that has a file. */
export const FLOW_FILES: FlowFile[] = flowNames().map((name) => {
  const { text, definition } = readFlow(name);
  return { name, text, ...definition };
});

/** A definition in which something stands for each placeholder, so that its expressions can be read. */
export function substituted(text: string): unknown {
  const known: Record<string, string> = {
    // Where a number must stand for the setting.
    PushTimeoutSeconds: String(PUSH_TIMEOUT_SECONDS.least),
    MaxConcurrency: "1",
    ToleratedFailureShare: "1",
    SecondLookSeconds: "1",
    RotationStateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:keyturn",
    OperateStateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:keyturn",
  };
  const functions = STEPS.map((step) => [
    placeholderOf(step),
    "arn:aws:lambda:us-east-1:000000000000:function:keyturn",
  ]);
  return JSON.parse(fill(text, { ...known, ...Object.fromEntries(functions) }));
}

/** The flow's own states and those inside of its Maps. */
export function scopesOf(scope: Scope): Scope[] {
  const inner = Object.values(scope.States).flatMap(({ ItemProcessor }) => ItemProcessor ?? []);
  return [scope, ...inner.flatMap(scopesOf)];
}

/** Every Task state of a flow with the step that it calls; none where it calls no Lambda function. */
export function tasksOf(flow: FlowFile): { state: string; task: State; step: StepContract | undefined }[] {
  const states = scopesOf(flow).flatMap((scope) => Object.entries(scope.States));
  return states
    .filter(([, state]) => state.Type === "Task")
    .map(([state, task]) => {
      const placeholder = /^\$\{(\w+FunctionArn)\}$/.exec(task.Arguments?.FunctionName ?? "")?.[1];
      const step = STEPS.find((one: StepContract) => one.flow === flow.name && placeholderOf(one) === placeholder);
      return { state, task, step };
    });
}
