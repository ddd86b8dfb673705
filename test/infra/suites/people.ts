import { describe, expect, test } from "vitest";
import { POLICIES, type Policy } from "../../../operator/contract.ts";
import { type Statement, statementsIn } from "../policies.ts";
import type { Synthesized } from "../synthesized.ts";

/** What changes nothing, starts nothing and hands out no secret. */
const LOOKS =
  /^(dynamodb:(GetItem|BatchGetItem|Query|Scan)|timestream:Select|\w+:(Describe|List|Get)(?!SecretValue|Object)\w+)$/;
/** What people may do beside looking: each is written down by AWS, with who it was. */
const ACTS = ["events:PutEvents", "states:StartExecution"];

/** What people may do, by the managed policies that are for them. */
export function people(settings: string, given: Synthesized): void {
  const of = (policy: Policy) => {
    const named = new RegExp(`^keyturn-${policy}-(\\$\\{AWS::Region\\}|us-east-1)$`);
    const made = given.ofType("AWS::IAM::ManagedPolicy").map(([, { Properties }]) => Properties);
    return made.find(({ ManagedPolicyName }) => named.test(String(ManagedPolicyName))) ?? {};
  };
  const statementsOf = (policy: Policy) => statementsIn(of(policy).PolicyDocument);
  const pairsOf = (policy: Policy) => statementsOf(policy).flatMap(pairsIn);
  /** Without the right to the key of the tables. */
  const actionsOf = (policy: Policy) =>
    statementsOf(policy)
      .filter(({ Condition }) => Condition?.StringEquals?.["kms:ViaService"] === undefined)
      .flatMap(({ Action }) => Action);

  describe(`the policies for people, with ${settings}`, () => {
    test("are attached to nobody: whoever looks after an account's roles does that", () => {
      for (const policy of POLICIES) {
        const { Roles, Users, Groups } = of(policy);
        expect([Roles, Users, Groups], "infra/people.ts attaches them to nobody").toEqual([
          undefined,
          undefined,
          undefined,
        ]);
      }
    });

    test("are outputs of the stack, by which they are found", () => {
      const outputs = given.template.Outputs as Record<string, unknown>;
      expect(Object.keys(outputs)).toEqual(expect.arrayContaining(["PolicyReader", "PolicyAuditor", "PolicyOperator"]));
    });

    test("hold one another: who may act may look", () => {
      const message = "infra/rights/people.ts: give each policy what the ones before it have";
      const [reader, auditor, operator] = POLICIES.map(pairsOf) as [string[], string[], string[]];
      expect(reader.length).toBeGreaterThan(3);
      expect(auditor, message).toEqual(expect.arrayContaining(reader));
      expect(operator, message).toEqual(expect.arrayContaining(auditor));
    });

    test("let readers and auditors look, and operators start what the flows do, and nobody write", () => {
      const message =
        "operator/contract.ts: what acts is for operators; what writes is for the steps of a flow, which has a history";
      expect(
        [...actionsOf("reader"), ...actionsOf("auditor")].filter((action) => !LOOKS.test(action)),
        message,
      ).toEqual([]);
      expect(
        actionsOf("operator").filter((action) => !LOOKS.test(action) && !ACTS.includes(action)),
        message,
      ).toEqual([]);
    });

    test("decrypt nothing by themselves, and start no flow by its alias", () => {
      const all = statementsOf("operator");
      const keys = all.filter(({ Action }) => Action.some((action) => action.startsWith("kms:")));
      const viaDynamoDb = { StringEquals: { "kms:ViaService": expect.stringMatching(/^dynamodb\./) } };
      expect(
        keys.map(({ Condition, Resource }) => [Condition, Resource]),
        "Tables are read through their key by way of DynamoDB, and no other key is used",
      ).toEqual([[viaDynamoDb, [expect.stringMatching(/^\$\{DataTableKey\w+\.Arn\}$/)]]]);
      const started = all
        .filter(({ Action }) => Action.includes("states:StartExecution"))
        .flatMap(({ Resource }) => Resource);
      expect(started.length).toBeGreaterThan(0);
      for (const one of started) {
        expect(one, "IAM compares with the state machine, also for a start through the alias").toMatch(
          /:stateMachine:[a-z-]+$/,
        );
      }
    });
  });
}

function pairsIn({ Action, Resource }: Statement): string[] {
  return Action.flatMap((action) => Resource.map((resource) => `${action} on ${resource}`));
}
