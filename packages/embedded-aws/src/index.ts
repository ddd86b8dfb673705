/**
 * AWS in one process, on loopback: what a program that runs on AWS may be tried and tested against. See ../README.md.
 */
export { type AwsOptions, type EmbeddedAws, startAws } from "./aws.ts";
export type { Clock } from "./clock.ts";
export type { AgentPlace, AgentProgram, InstanceShell, ScriptResult } from "./ec2/index.ts";
export { FLEET_ROLE_ID } from "./ec2/index.ts";
export { doublingBySeed } from "./events/index.ts";
export { compilePattern } from "./events/pattern.ts";
export { inputFor } from "./events/target-input.ts";
export type { CallRecord } from "./http/dispatcher.ts";
export { Faults } from "./http/faults.ts";
export { AwsError } from "./http/service.ts";
export { functionArn } from "./lambda/definition.ts";
export type { LambdaFunctions } from "./lambda/index.ts";
export type { BusEvent, EventSink, FunctionInvoker, Invocation, Parts } from "./parts.ts";
export { ACCOUNT, arnOf, PARTITION, REGION } from "./place.ts";
export { SystemsManager } from "./ssm/index.ts";
export type { ExecutionRecord } from "./stepfunctions/execution.ts";
export { StepFunctions } from "./stepfunctions/index.ts";
export { Store } from "./store.ts";
