import { functionNameOf, placeholderOf, STEPS } from "../../functions/steps.ts";
import { FLOWS, type FlowName } from "../../infra/wiring.ts";
import { flowArn } from "../../local/roles.ts";
import type { Definition, Scope, State } from "../../statemachines/definition.ts";
import { fill } from "../../statemachines/placeholders.ts";
import { readFlow } from "../../statemachines/read.ts";

/** All flows with their placeholders still in them; a copy of one's own each time, so that it may be altered. */
export type Definitions = Record<FlowName, Definition>;

export type Step = (typeof STEPS)[number];

export function readDefinitions(): Definitions {
  return Object.fromEntries(FLOWS.map(({ name }) => [name, readFlow(name).definition])) as Definitions;
}

/** What a deployment puts in the place of the numbers. */
export interface Numbers {
  pushTimeoutSeconds: number;
  maxConcurrency: number;
  toleratedFailureShare: number;
}

/** As cdk.json has them. */
export const NUMBERS: Numbers = { pushTimeoutSeconds: 900, maxConcurrency: 20, toleratedFailureShare: 0.1 };

/**
 * A definition as it is deployed.
 *
 * @throws Error that names the first placeholder for which nothing is known
 */
export function filled(flow: FlowName, definition: Definition, numbers: Numbers = NUMBERS): string {
  const values: Record<string, string> = {
    ...Object.fromEntries(
      STEPS.filter((step) => step.flow === flow).map((step) => [placeholderOf(step), functionNameOf(step)]),
    ),
    RotationStateMachineArn: flowArn("rotation"),
    OperateStateMachineArn: flowArn("operate"),
    PushTimeoutSeconds: String(numbers.pushTimeoutSeconds),
    MaxConcurrency: String(numbers.maxConcurrency),
    ToleratedFailureShare: String(numbers.toleratedFailureShare),
    SecondLookSeconds: "1200",
  };
  return fill(JSON.stringify(definition), values);
}

/** Every state of a flow, those inside of its Maps too. */
export function statesOf(scope: Scope): [string, State][] {
  return Object.entries(scope.States).flatMap(([name, state]): [string, State][] => [
    [name, state],
    ...(state.ItemProcessor ? statesOf(state.ItemProcessor) : []),
  ]);
}

/** The contract of the step that a Task state calls; undefined where it calls no function. */
export function stepOf(flow: FlowName, state: State): Step | undefined {
  const placeholder = /^\$\{(\w+)\}$/.exec(state.Arguments?.FunctionName ?? "")?.[1];
  return STEPS.find((step) => step.flow === flow && placeholderOf(step) === placeholder);
}
