import { Refusal } from "../http/refusals.ts";
import { AwsError, type Principal, type Question } from "../http/service.ts";
import { ACCOUNT, arnOf } from "../place.ts";
import type { Context } from "./condition.ts";
import { type Role, roleName } from "./role.ts";
import { type CompiledStatement, compileStatements } from "./statement.ts";
import { isoTime } from "./time.ts";

/** One authorisation that was checked, of a call or of what a flow or a rule does. */
export interface AuthorizationRecord {
  principal: Principal;
  /** e.g. `kms:Decrypt` */
  action: string;
  /** An ARN, or `*`. */
  resource: string;
  allowed: boolean;
}

/** What somebody may do. */
interface Held {
  statements: readonly CompiledStatement[];
  /** Of these the ones that are about an action, as it was asked for before. */
  byAction: Map<string, CompiledStatement[]>;
}

/** Who may do what: the roles, the users, and the decision about each call by IAM's rules for one account. */
export class Rights {
  readonly #roles = new Map<string, Held>();
  /** By ARN. */
  readonly #users = new Map<string, Held>();
  readonly #onAuthorized: ((record: AuthorizationRecord) => void) | undefined;
  #areEnforced = false;

  constructor(onAuthorized?: (record: AuthorizationRecord) => void) {
    this.#onAuthorized = onAuthorized;
  }

  /**
   * Puts a role there, or replaces it. From the first one on everybody but the operator is held to his role.
   *
   * @throws Error with one sentence when a statement of it cannot be enforced here
   */
  put(role: Role): void {
    this.putForInstances(role);
    this.#areEnforced = true;
  }

  /** Puts the role of the instances there, which are held to it in any case, as others then still are not. */
  putForInstances({ name, statements }: Role): void {
    const compiled = compileStatements(statements, "role", `the role ${name}`);
    this.#roles.set(name, { statements: compiled, byAction: new Map() });
  }

  /** Puts there what a user may do, to which he is held in any case. */
  putUser(arn: string, statements: readonly CompiledStatement[]): void {
    this.#users.set(arn, { statements, byAction: new Map() });
  }

  /** Has somebody who is no user any more be allowed nothing. */
  removeUser(arn: string): void {
    this.#users.delete(arn);
  }

  /** Whether what somebody does is checked at all. */
  isHeld({ kind }: Principal): boolean {
    return kind === "instance" || kind === "user" || (this.#areEnforced && kind !== "operator");
  }

  /**
   * Checks all that a call is about.
   *
   * @throws Refusal denied, or the AwsError of a question that has a code of its own
   */
  demand(principal: Principal, questions: readonly Question[]): void {
    for (const question of questions) {
      const why = this.denial(principal, question);
      if (why === undefined) continue;
      if (question.code !== undefined) throw new AwsError(question.code, why, question.status);
      throw new Refusal("denied", why);
    }
  }

  /** Why somebody may not do something, in AWS's words; `undefined` when he may. */
  denial(principal: Principal, question: Question): string | undefined {
    if (!this.isHeld(principal)) return undefined;
    const why = this.#decide(principal, question);
    const { action, resource } = question;
    this.#onAuthorized?.({ principal, action, resource, allowed: why === undefined });
    if (why === undefined) return undefined;
    return `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  }

  #decide(principal: Principal, question: Question): string | undefined {
    const { action, policy = [], alone = false } = question;
    const context = { ...contextOf(principal), ...question.context };
    // Of what is about everything here, AWS may name a narrower resource, which a Deny may be about.
    const isAbout = ({ resource, denies }: CompiledStatement) =>
      resource(question.resource) || (denies && question.resource === "*");
    const holds = (one: CompiledStatement) => isAbout(one) && one.condition(context);
    const mine = this.#statementsOf(principal, action).filter(holds);
    const itsOwn = policy.filter((one) => one.action(action.toLowerCase()) && holds(one));
    const [names, account] = [namesOf(principal), accountOf(principal)];
    if (mine.some(({ denies }) => denies)) return "with an explicit deny in an identity-based policy";
    if (itsOwn.some((one) => one.denies && isNamed(one, [...names, ...account]))) {
      return "with an explicit deny in a resource-based policy";
    }
    if (itsOwn.some((one) => !one.denies && isNamed(one, names))) return undefined;
    // Where a key's policy names the account, it leaves the decision to what the identities in it may.
    const identitiesCount = !alone || itsOwn.some((one) => !one.denies && isNamed(one, account));
    if (identitiesCount && mine.length > 0) return undefined;
    const kind = principal.kind === "service" || !identitiesCount ? "resource" : "identity";
    return `because no ${kind}-based policy allows the ${action} action`;
  }

  #statementsOf(principal: Principal, action: string): CompiledStatement[] {
    const { kind, arn } = principal;
    const held = kind === "user" ? this.#users.get(arn) : this.#roles.get(roleName(arn));
    if (held === undefined) return [];
    let statements = held.byAction.get(action);
    if (statements === undefined) {
      statements = held.statements.filter((one) => one.action(action.toLowerCase()));
      held.byAction.set(action, statements);
    }
    return statements;
  }
}

function isNamed({ principal }: CompiledStatement, names: readonly string[]): boolean {
  return principal === "*" || names.some((name) => principal?.has(name));
}

/** What a resource's policy may call somebody. */
function namesOf(principal: Principal): string[] {
  const { kind, arn } = principal;
  return kind === "service" || kind === "user" ? [arn] : [arn, `arn:aws:iam::${ACCOUNT}:role/${roleName(arn)}`];
}

/** What a resource's policy may call all who are in the account; a service is not. */
function accountOf({ kind }: Principal): string[] {
  return kind === "service" ? [] : [ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`];
}

function contextOf(principal: Principal): Context {
  const { kind, arn, issuedAt } = principal;
  // What goes over the loopback is not overheard: it counts as what AWS calls secure.
  const everybody = { "aws:SecureTransport": "true" };
  if (kind === "service") return everybody;
  const somebody = {
    ...everybody,
    "aws:PrincipalArn": kind === "user" ? arn : `arn:aws:iam::${ACCOUNT}:role/${roleName(arn)}`,
    ...(issuedAt !== undefined && { "aws:TokenIssueTime": isoTime(issuedAt) }),
  };
  if (kind !== "instance") return somebody;
  return { ...somebody, "ec2:SourceInstanceARN": arnOf("ec2", `instance/${arn.split("/").at(-1)}`) };
}
