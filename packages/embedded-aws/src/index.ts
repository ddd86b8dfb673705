/**
 * AWS in one process, on loopback: what a program that runs on AWS may be tried and tested against. See ../README.md.
 */
export { OPERATOR_KEYS, startAws } from "./aws.ts";
export type { Clock } from "./clock.ts";
export type {
  AgentPlace,
  AgentProgram,
  Application,
  InstanceShell,
  InstanceState,
  ScriptResult,
} from "./ec2/index.ts";
export { compilePattern } from "./events/pattern.ts";
export { inputFor } from "./events/target-input.ts";
export type { CallRecord } from "./http/dispatcher.ts";
export { type Fault, type FaultPlan, type FaultRule, Faults, MILD } from "./http/faults.ts";
export { AwsError, type Principal } from "./http/service.ts";
export type { AuthorizationRecord } from "./iam/rights.ts";
export type { InstanceRole, Role } from "./iam/role.ts";
export type { ResourceStatement, Statement } from "./iam/statement.ts";
export { type FunctionDefinition, type FunctionPermission, functionArn } from "./lambda/definition.ts";
export type { Mail } from "./mail/inbox.ts";
export type { AwsOptions, EmbeddedAws } from "./options.ts";
export type { BusEvent, EventSink, FunctionInvoker, Invocation, Parts } from "./parts.ts";
export { ACCOUNT, arnOf, PARTITION, REGION } from "./place.ts";
export type { ExecutionRecord } from "./stepfunctions/execution.ts";
export { StepFunctions } from "./stepfunctions/index.ts";
export { Store } from "./store.ts";
