import { type Condition, type Context, conditionOf } from "./condition.ts";
import { anyOf } from "./pattern.ts";

/** A statement of a policy, written as IAM writes it, as far as it is enforced here. `*` and `?` stand for characters. */
export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  /** e.g. `dynamodb:PutItem`; their names are compared whatever the case of their letters. */
  Action: readonly string[];
  /** ARNs. A call of which no resource is known is about `*`. */
  Resource: readonly string[];
  Condition?: Condition;
}

/** A statement of a resource's own policy: of a topic, a bus, a key, a function. */
export interface ResourceStatement extends Statement {
  /** `AWS`: ARNs of roles, of their sessions, or of the account's root, which stands for what the identities may. */
  Principal: "*" | { AWS?: readonly string[]; Service?: readonly string[] };
}

/** A statement that was read: what it says of an action, a resource and a context. */
export interface CompiledStatement {
  denies: boolean;
  action: (lowerCased: string) => boolean;
  resource: (arn: string) => boolean;
  condition: (context: Context) => boolean;
  /** Everybody, or those of these ARNs and names of services; nothing in the statement of a role. */
  principal: "*" | ReadonlySet<string> | undefined;
}

const MEMBERS = ["Sid", "Effect", "Action", "Resource", "Condition"];

/**
 * Reads the statements of a role, or of a resource's policy, once for all calls.
 *
 * @param where what has them, for the error: `the role x`
 * @throws Error with one sentence for anything that is not enforced here: it must not seem to have been heeded
 */
export function compileStatements(
  statements: readonly (Statement | ResourceStatement)[],
  kind: "role" | "resource",
  where: string,
): CompiledStatement[] {
  return statements.map((statement) => {
    const refuse = (what: string): Error => new Error(`The embedded AWS cannot enforce ${where}: ${what}.`);
    const known = kind === "role" ? MEMBERS : [...MEMBERS, "Principal"];
    const other = Object.keys(statement).find((member) => !known.includes(member));
    if (other !== undefined) throw refuse(`it does not know ${other} in a statement`);
    const { Effect, Condition = {} } = statement;
    if (Effect !== "Allow" && Effect !== "Deny") throw refuse(`it does not know the Effect ${String(Effect)}`);
    const [Action, Resource] = [listOf(statement.Action ?? []), listOf(statement.Resource ?? [])];
    if (Action.length === 0 || Resource.length === 0) throw refuse("a statement needs an Action and a Resource");
    const variable = [...Action, ...Resource].find((text) => text.includes("${"));
    if (variable !== undefined) throw refuse(`it knows no variable in ${variable}`);
    return {
      denies: Effect === "Deny",
      action: anyOf(Action.map((name) => name.toLowerCase())),
      resource: anyOf(Resource),
      condition: conditionOf(Condition, refuse),
      principal: "Principal" in statement ? principalOf(statement.Principal, refuse) : undefined,
    };
  });
}

/** A policy as JSON text (`{ Statement: […] }`), of a resource called `where`. @throws Error as compileStatements does */
export function compilePolicy(text: string, where: string): CompiledStatement[] {
  let policy: { Statement?: ResourceStatement | ResourceStatement[] };
  try {
    policy = JSON.parse(text) as typeof policy;
  } catch {
    throw new Error(`The embedded AWS cannot enforce ${where}: its policy is not JSON.`);
  }
  const statements = listOf(policy.Statement ?? []);
  const nameless = statements.some((statement) => !("Principal" in statement));
  if (nameless) throw new Error(`The embedded AWS cannot enforce ${where}: a statement of it names no Principal.`);
  return compileStatements(statements, "resource", where);
}

function principalOf(principal: ResourceStatement["Principal"], refuse: (what: string) => Error) {
  if (principal === "*") return "*";
  const other = Object.keys(principal).find((kind) => kind !== "AWS" && kind !== "Service");
  if (other !== undefined) throw refuse(`it knows no principals of the kind ${other}`);
  const names = [...listOf(principal.AWS ?? []), ...listOf(principal.Service ?? [])];
  return names.includes("*") ? "*" : new Set(names);
}

/** IAM's JSON writes a list of one as that one, too. */
function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
