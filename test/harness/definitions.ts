import { readFileSync } from "node:fs";
import { functionNameOf, placeholderOf, STEPS } from "../../functions/steps.ts";
import { FLOWS, type FlowName } from "../../infra/wiring.ts";
import { flowArn } from "../../local/deploy-data.ts";

/** What of a flow's file the harness looks at. */
export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds: number;
  MaxAttempts: number;
  BackoffRate: number;
  MaxDelaySeconds: number;
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
}

export interface State {
  Type: string;
  Resource?: string;
  Arguments?: { FunctionName?: string };
  Next?: string;
  Default?: string;
  TimeoutSeconds?: number | string;
  MaxConcurrency?: number | string;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Choices?: { Condition: string; Next: string }[];
  ItemProcessor?: Scope;
}

/** States among which transitions happen: a flow's, or those inside of a Map. */
export interface Scope {
  StartAt: string;
  States: Record<string, State>;
}

export interface Definition extends Scope {
  TimeoutSeconds: number;
}

/** All flows with their placeholders still in them; a copy of one's own each time, so that it may be altered. */
export type Definitions = Record<FlowName, Definition>;

/** The only place where the harness opens the flows' files. */
export function readDefinitions(): Definitions {
  const read = ({ name }: { name: FlowName }) => {
    const file = new URL(`../../statemachines/${name}.asl.json`, import.meta.url);
    return [name, JSON.parse(readFileSync(file, "utf8"))];
  };
  return Object.fromEntries(FLOWS.map(read));
}

/** What a deployment puts in the place of the numbers. */
export interface Numbers {
  pushTimeoutSeconds: number;
  maxConcurrency: number;
  toleratedFailureShare: number;
}

/** As cdk.json has them. */
export const NUMBERS: Numbers = { pushTimeoutSeconds: 600, maxConcurrency: 20, toleratedFailureShare: 0.1 };

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
    PushTimeoutSeconds: String(numbers.pushTimeoutSeconds),
    MaxConcurrency: String(numbers.maxConcurrency),
    ToleratedFailureShare: String(numbers.toleratedFailureShare),
  };
  return JSON.stringify(definition).replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${flow}: the harness knows no value for the placeholder ${name}.`);
    return value;
  });
}

/** Every state of a flow, those inside of its Maps too. */
export function statesOf(scope: Scope): [string, State][] {
  return Object.entries(scope.States).flatMap(([name, state]): [string, State][] => [
    [name, state],
    ...(state.ItemProcessor ? statesOf(state.ItemProcessor) : []),
  ]);
}

/** The contract of the step that a Task state calls; undefined where it calls no function. */
export function stepOf(flow: FlowName, state: State): (typeof STEPS)[number] | undefined {
  const placeholder = /^\$\{(\w+)\}$/.exec(state.Arguments?.FunctionName ?? "")?.[1];
  return STEPS.find((step) => step.flow === flow && placeholderOf(step) === placeholder);
}
