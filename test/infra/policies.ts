import { PEOPLE } from "../../infra/people.ts";
import type { Synthesized } from "./synthesized.ts";

export interface Statement {
  Effect: string;
  Action: string[];
  Resource: string[];
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** A statement of a role's or group of roles' rights, with where it stands. */
export interface Right extends Statement {
  policy: string;
  roles: string[];
}

/** All that roles may do: inline and managed policies. What is for people, the stack gives to no role: suites/people.ts. */
export function identityRights(given: Synthesized): Right[] {
  const managed = given.ofType("AWS::IAM::ManagedPolicy").filter(([id]) => !id.startsWith(PEOPLE));
  const policies = [...given.ofType("AWS::IAM::Policy"), ...managed];
  return policies.flatMap(([policy, { Properties }]) =>
    statementsIn(Properties.PolicyDocument).map((statement) => ({
      ...statement,
      policy,
      roles: ((Properties.Roles ?? []) as string[]).map((role) => role.replace(/^\$\{(.*)\}$/, "$1")),
    })),
  );
}

export function statementsIn(document: unknown): Statement[] {
  const statements = [(document as { Statement: Record<string, unknown>[] }).Statement].flat();
  return statements.map((statement) => ({
    ...(statement as unknown as Statement),
    Action: [statement.Action].flat() as string[],
    Resource: [statement.Resource].flat() as string[],
  }));
}

/** The logical ID of the role that a function runs under. */
export function roleOfFunction(given: Synthesized, functionName: string): string {
  const [, { Properties }] = given.one("AWS::Lambda::Function", "FunctionName", functionName);
  return String(Properties.Role).replace(/^\$\{(.*)\.Arn\}$/, "$1");
}
