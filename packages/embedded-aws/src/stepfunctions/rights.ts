import { AwsError, type Principal, type Question } from "../http/service.ts";
import type { Rights } from "../iam/rights.ts";
import { assumedRole, roleName } from "../iam/role.ts";
import { machineArn } from "../place.ts";
import type { ExecutionRecord } from "./execution.ts";

/** A role as Step Functions has taken it on for a state machine. AWS draws the session's name. */
export function principalOf(roleArn: string, machine: string): Principal {
  return assumedRole("states", { name: roleName(roleArn) }, machineArn(machine).split(":").at(-1) ?? "");
}

/** Why an execution may not do something, by the role of its state machine; `undefined` when it may. */
export function denialOf(rights: Rights | undefined, { roleArn, machineArn }: ExecutionRecord, question: Question) {
  return rights?.denial(principalOf(roleArn, machineArn), question);
}

/**
 * A start is authorised against the state machine, also one through its alias or of an item of its Map.
 *
 * @throws AwsError AccessDeniedException
 */
export function demandStart(rights: Rights | undefined, record: ExecutionRecord, started: string): void {
  const why = denialOf(rights, record, { action: "states:StartExecution", resource: machineArn(started) });
  if (why !== undefined) throw new AwsError("AccessDeniedException", why);
}
