import { ACCOUNT, REGION } from "../place.ts";
import { Refusal } from "./refusals.ts";
import type { Concern, Principal } from "./service.ts";

/** A statement of an IAM policy, written as IAM writes it, as far as it is enforced here: what is allowed. */
export interface Statement {
  Effect: "Allow";
  /** Signing name and operation, e.g. `dynamodb:PutItem`; `*` stands for any characters. */
  Action: readonly string[];
  /** ARNs; `*` stands for any characters. A call of which no resource is known here is allowed by `*` alone. */
  Resource: readonly string[];
  Condition?: Condition;
}

/** The conditions that are known here. In a value, `${ec2:SourceInstanceARN}` is the ARN of the instance that calls. */
export interface Condition {
  "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": string };
}

/** A call, as far as a right may depend on it. */
export interface Call extends Concern {
  /** Signing name and operation, e.g. `timestream` and `WriteRecords`. */
  service: string;
  operation: string;
}

/**
 * Checks whether one of the statements allows `principal` this call.
 *
 * @param statements without them everything is allowed: the rights of this principal are not enforced
 * @throws Refusal denied
 */
export function checkRights(principal: Principal, call: Call, statements: readonly Statement[] | undefined): void {
  const action = `${call.service}:${call.operation}`;
  const allows = ({ Action, Resource, Condition }: Statement) =>
    Action.some((pattern) => fits(pattern, action)) &&
    Resource.some((pattern) => pattern === "*" || (call.resource !== undefined && fits(pattern, call.resource))) &&
    (Condition === undefined || holds(Condition, principal, call));
  if (statements === undefined || statements.some(allows)) return;
  throw new Refusal(
    "denied",
    `User: ${principal.arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
  );
}

/**
 * Checks that all conditions are of a kind that is known: one that is passed over would allow what it forbids.
 *
 * @throws Error that names the first that is not
 */
export function checkStatements(statements: readonly Statement[]): void {
  for (const { Condition = {} } of statements) {
    for (const [operator, keys] of Object.entries<object>(Condition)) {
      for (const key of Object.keys(keys)) {
        if (operator === "ForAllValues:StringEquals" && key === "dynamodb:LeadingKeys") continue;
        throw new Error(`The embedded AWS knows no condition ${operator} of ${key}; only that of the leading keys.`);
      }
    }
  }
}

function holds(condition: Condition, principal: Principal, { leadingKeys }: Call): boolean {
  const instance = `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${principal.arn.split("/").at(-1)}`;
  const own = condition["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"].replaceAll(
    "${ec2:SourceInstanceARN}",
    instance,
  );
  // What cannot be read from a call cannot be one's own.
  return leadingKeys?.every((key) => key === own) ?? false;
}

function fits(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}
