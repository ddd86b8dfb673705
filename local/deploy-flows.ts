import { fileURLToPath } from "node:url";
import { type EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  ConflictException,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  PublishStateMachineVersionCommand,
  type SFNClient,
  StateMachineAlreadyExists,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { ACCOUNT, arnOf, type EmbeddedAws, type FunctionPermission, functionArn } from "embedded-aws";
import { credentialsOf } from "../functions/shared/credential-settings.ts";
import { settingsOf } from "../functions/shared/neighbours.ts";
import type { SettingName } from "../functions/shared/settings.ts";
import { functionNameOf, modulePathOf, placeholderOf, STEPS, type StepName } from "../functions/steps.ts";
import { SettingsError } from "../infra/settings/error.ts";
import { givenSettings } from "../infra/settings/given.ts";
import { sentence } from "../infra/settings/sentences.ts";
import { FLOWS, type FlowName, LIVE, NAMES, type Rule, rules, schedules, stateMachineNameOf } from "../infra/wiring.ts";
import { fill } from "../statemachines/placeholders.ts";
import { readFlow } from "../statemachines/read.ts";
import type { LocalSettings } from "./deploy-data.ts";
import { flowArn, liveArn, roleArn, scheduleRole, secretArn } from "./roles.ts";

/**
 * What a deployment to AWS has as well. Of the other settings nothing is needed here.
 *
 * @throws SettingsError when cdk.json cannot be read, or these are no numbers
 */
export function settingsAsOnAws(): { maxConcurrency: number; toleratedFailureShare: number } {
  const given = givenSettings() as Record<string, unknown> | null | undefined;
  const numberOf = (name: string) => {
    const value = given?.[name];
    if (typeof value !== "number") throw new SettingsError(sentence(name, "must be a number"));
    return value;
  };
  return {
    maxConcurrency: numberOf("maxConcurrency"),
    toleratedFailureShare: numberOf("toleratedFailureShare"),
  };
}

/** Where the module of a step's function lies: its source, unless a deployment takes the bundles. */
export type ModuleOf = (step: (typeof STEPS)[number]) => string;
const fromSource: ModuleOf = (step) => fileURLToPath(new URL(`../${modulePathOf(step)}`, import.meta.url));

/** Defines a Lambda function for each step, with exactly the variables that follow from its contract. */
export function deployFunctions(
  functions: EmbeddedAws["functions"],
  settings: Record<SettingName, string>,
  moduleOf: ModuleOf = fromSource,
): void {
  for (const step of STEPS) {
    functions.define({
      name: functionNameOf(step),
      description: `${step.does} (${modulePathOf(step)})`,
      modulePath: moduleOf(step),
      environment: Object.fromEntries(settingsOf(step).map((name) => [name, settings[name]])),
      timeoutSeconds: step.timeoutSeconds,
      role: functionNameOf(step),
      permissions: [...permissionsOf(functionNameOf(step)), ...permissionsToRotate(step, settings.CREDENTIALS)],
    });
  }
}

/** The rules that may invoke a function. */
function permissionsOf(functionName: string): FunctionPermission[] {
  return rules(NAMES, flowArn)
    .filter(({ target }) => "function" in target && functionNameOf(target.function) === functionName)
    .map(({ name, bus }) => ({
      principal: "events.amazonaws.com",
      sourceArn: arnOf("events", bus === "default" ? `rule/${name}` : `rule/${NAMES.eventBus}/${name}`),
    }));
}

/** That Secrets Manager may have the credentials' secrets rotated, and nobody else's. */
function permissionsToRotate({ flow, name }: StepName, credentials: string): FunctionPermission[] {
  if (flow !== "credential" || name !== "rotate") return [];
  return credentialsOf(credentials).map((credential) => ({
    principal: "secretsmanager.amazonaws.com",
    sourceArn: secretArn(credential.name),
    sourceAccount: ACCOUNT,
  }));
}

/** Creates the state machines from their files, or updates those that are there, and points their aliases there. */
export async function deployFlows(client: SFNClient, settings: LocalSettings): Promise<void> {
  for (const flow of FLOWS) {
    const definition = fill(readFlow(flow.name).text, valuesOf(flow.name, settings));
    const role = roleArn(stateMachineNameOf(flow.name));
    try {
      await client.send(
        new CreateStateMachineCommand({
          name: stateMachineNameOf(flow.name),
          type: flow.type,
          definition,
          roleArn: role,
        }),
      );
    } catch (error) {
      if (!(error instanceof StateMachineAlreadyExists)) throw error;
      await client.send(
        new UpdateStateMachineCommand({ stateMachineArn: flowArn(flow.name), definition, roleArn: role }),
      );
    }
    await makeLive(client, flow.name);
  }
}

/** Makes a version of what a state machine is now, if it has changed since the last one, and has it started from now on. */
async function makeLive(client: SFNClient, flow: FlowName): Promise<void> {
  const publish = new PublishStateMachineVersionCommand({ stateMachineArn: flowArn(flow) });
  const { stateMachineVersionArn } = await client.send(publish);
  const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
  try {
    await client.send(new CreateStateMachineAliasCommand({ name: LIVE, routingConfiguration }));
  } catch (error) {
    if (!(error instanceof ConflictException)) throw error;
    const stateMachineAliasArn = liveArn(flow);
    await client.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, routingConfiguration }));
  }
}

function valuesOf(flow: FlowName, settings: LocalSettings): Record<string, string> {
  const functions = STEPS.filter((step) => step.flow === flow).map((step) => [
    placeholderOf(step),
    functionArn(functionNameOf(step)),
  ]);
  const { maxConcurrency, toleratedFailureShare } = settingsAsOnAws();
  return {
    ...Object.fromEntries(functions),
    PushTimeoutSeconds: String(settings.pushTimeoutSeconds),
    RotationStateMachineArn: liveArn("rotation"),
    OperateStateMachineArn: liveArn("operate"),
    SecondLookSeconds: String(settings.secondLookSeconds ?? 1200),
    MaxConcurrency: String(maxConcurrency),
    ToleratedFailureShare: String(toleratedFailureShare),
  };
}

/**
 * Puts the rules and their targets, and the schedules.
 *
 * @param everySeconds how often a run over the fleet is started, and a look of the watch
 */
export async function deployRules(
  client: EventBridgeClient,
  everySeconds: { fleet: number; watch: number },
): Promise<void> {
  for (const rule of rules(NAMES, flowArn)) {
    const bus = { EventBusName: rule.bus };
    await client.send(
      new PutRuleCommand({
        ...bus,
        Name: rule.name,
        EventPattern: JSON.stringify(rule.pattern),
        Description: rule.does,
      }),
    );
    await client.send(
      new PutTargetsCommand({ ...bus, Rule: rule.name, Targets: [{ Id: "target", ...targetOf(rule) }] }),
    );
  }
  for (const { name, flow, does } of schedules(NAMES)) {
    // On AWS the shortest rate is a minute; here a schedule may look more often.
    const seconds = flow === "watch" ? everySeconds.watch : everySeconds.fleet;
    const rate = `rate(${seconds} second${seconds === 1 ? "" : "s"})`;
    await client.send(new PutRuleCommand({ Name: name, ScheduleExpression: rate, Description: does }));
    const target = { Id: "target", Arn: liveArn(flow), RoleArn: roleArn(scheduleRole(name)), Input: "{}" };
    await client.send(new PutTargetsCommand({ Rule: name, Targets: [target] }));
  }
}

function targetOf({ name, target }: Rule) {
  if ("function" in target) {
    return { Arn: functionArn(functionNameOf(target.function)) };
  }
  const InputTransformer = { InputPathsMap: target.inputPaths, InputTemplate: target.input };
  return { Arn: liveArn(target.flow), RoleArn: roleArn(name), InputTransformer };
}
