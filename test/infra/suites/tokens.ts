import { describe, expect, test } from "vitest";
import { functionNameOf, STEPS } from "../../../functions/steps.ts";
import { API, ORDERS, SHORT } from "../credential-settings.ts";
import { identityRights, type Right, roleOfFunction, statementsIn } from "../policies.ts";
import type { Synthesized } from "../synthesized.ts";
import { neededBy } from "../walk.ts";

const HERE = "${AWS::Region}:${AWS::AccountId}";
const SECRETS = `arn:\${AWS::Partition}:secretsmanager:${HERE}:secret:`;
const arnOf = (secret: string) => (secret.startsWith("arn:") ? secret : `${SECRETS}${secret}-??????`);
/** What only what is in a network has. */
const OF_NETWORKS = ["AWS::EC2::VPCEndpoint", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroup"];

/**
 * Tokens that are turned: API and SHORT.
 *
 * @param without a deployment of databases' credentials alone
 * @param alone one of tokens alone, without a network, with DynamoDB
 * @param both one that has ORDERS beside them, in a network, with Timestream
 * @param changed the one alone, in which all that may be said of API is another
 */
export function tokens(
  without: Synthesized,
  { alone, both, changed }: Record<"alone" | "both" | "changed", Synthesized>,
): void {
  const roleOf = (of: Synthesized, name: string) => roleOfFunction(of, `keyturn-credential-${name}`);
  /** The roles of functions that may do something to a secret, each with the secrets. */
  const whoMay = (of: Synthesized, action: string, isMeant: (right: Right) => boolean = () => true) =>
    identityRights(of)
      .filter((right) => right.Action.includes(action) && isMeant(right))
      .filter(({ policy }) => of.resources[policy]?.Type === "AWS::IAM::Policy")
      .map(({ roles, Resource }) => [roles.join(), Resource]);

  describe("tokens", () => {
    test("alone need no network: functions reach their issuers over the internet", () => {
      const types = new Set(Object.values(alone.resources).map(({ Type }) => Type));
      const message = "infra/credential-network.ts, needsNetwork: one where credentialNetwork names a VPC alone";
      // Instances have a group of their own for their calls.
      expect(
        OF_NETWORKS.slice(0, 2).filter((type) => types.has(type)),
        message,
      ).toEqual([]);
      const inVpc = alone.ofType("AWS::Lambda::Function").filter(([, { Properties }]) => "VpcConfig" in Properties);
      expect(inVpc, message).toEqual([]);
      expect(identityRights(alone).flatMap(({ Action }) => Action)).not.toContain("ec2:CreateNetworkInterface");
    });

    test("in a network, port 443 is open to issuers, and each other one that they have", () => {
      const [, group] = both.one(
        ...([
          "AWS::EC2::SecurityGroup",
          "GroupDescription",
          "Keyturn: functions that turn database credentials",
        ] as const),
      );
      const out = group.Properties.SecurityGroupEgress as Record<string, unknown>[];
      const message =
        "infra/credential-network.ts: let the functions out to the ports of tokenUrl, revocationUrl, probeUrl";
      expect(
        out.map(({ FromPort, CidrIp, DestinationSecurityGroupId }) => [FromPort, CidrIp ?? DestinationSecurityGroupId]),
        message,
      ).toEqual([
        [443, "0.0.0.0/0"],
        [8443, "0.0.0.0/0"],
        [5432, ORDERS.securityGroup],
      ]);
      expect(both.ofType("AWS::EC2::SecurityGroupIngress")).toHaveLength(1);
    });

    test("a secret is made without a token, outlives the stack, and is written no second time, whatever is changed", () => {
      const message =
        "infra/credentials.ts: CloudFormation writes a secret's value again as soon as what it is made of changes";
      for (const { name } of [API, SHORT]) {
        const [id, secret] = alone.one("AWS::SecretsManager::Secret", "Name", name);
        const { SecretString, GenerateSecretString } = secret.Properties;
        expect([SecretString, GenerateSecretString], message).toEqual(["{}", undefined]);
        expect([secret.DeletionPolicy, secret.UpdateReplacePolicy]).toEqual(["RetainExceptOnCreate", "Retain"]);
        const [again, { Properties }] = changed.one("AWS::SecretsManager::Secret", "Name", name);
        const { Tags: _tags, ...same } = Properties;
        expect([again, same], message).toEqual([id, secret.Properties]);
      }
      const [orders] = both.one("AWS::SecretsManager::Secret", "Name", ORDERS.name);
      expect(without.resources[orders], "infra/credentials.ts: a database's secret is the same beside tokens").toEqual(
        both.resources[orders],
      );
    });

    test("one is turned by Secrets Manager's schedule; of one that the watch has turned, that schedule hardly ever comes", () => {
      for (const [name, expression] of [
        [API.name, "rate(30 days)"],
        [SHORT.name, "rate(999 days)"],
      ] as const) {
        const [id, { Properties }] = alone.one("AWS::SecretsManager::RotationSchedule", "SecretId", name);
        expect(Properties).toMatchObject({
          RotationRules: { ScheduleExpression: expression },
          RotateImmediatelyOnUpdate: true,
        });
        const [secret] = alone.one("AWS::SecretsManager::Secret", "Name", name);
        const steps = alone.ofType("AWS::Lambda::Function").filter(([one]) => /^FunctionsCredential(?!Req)/.test(one));
        const before = [...neededBy(id, alone)];
        expect(before, "infra/credentials.ts: a rotation begins as soon as there is a schedule").toEqual(
          expect.arrayContaining([secret, ...steps.map(([one]) => one)]),
        );
      }
    });

    test("push alone puts a token, and derive alone a password; each on its own kind of secret", () => {
      const put = "secretsmanager:PutSecretValue";
      const ofTokens = [roleOf(both, "push-to-authority"), [API, SHORT].map(({ name }) => arnOf(name))];
      expect(whoMay(both, put)).toEqual(
        expect.arrayContaining([[roleOf(both, "derive-successor"), [arnOf(ORDERS.name)]], ofTokens]),
      );
      expect(whoMay(both, put)).toHaveLength(2);
      expect(whoMay(alone, put).map(([role]) => role)).toEqual([roleOf(alone, "push-to-authority")]);
      expect(whoMay(without, put).map(([role]) => role)).toEqual([roleOf(without, "derive-successor")]);
    });

    test("API keys are read by push and retire alone, and where there are no tokens, nobody reads any", () => {
      const keys = [...API.keys, ...SHORT.keys].map(arnOf);
      const read = whoMay(both, "secretsmanager:GetSecretValue", ({ Resource }) =>
        Resource.some((one) => keys.includes(one)),
      );
      expect(read.map(([role]) => role).sort()).toEqual(
        ["push-to-authority", "retire-predecessor"].map((name) => roleOf(both, name)).sort(),
      );
      for (const [, secrets] of read) expect(secrets).toEqual(expect.arrayContaining(keys));
      const about = identityRights(without).flatMap(({ Resource }) => Resource);
      expect(about.filter((one) => /:secret:.*key/.test(one))).toEqual([]);
      // The managers' and the databases' rights are those of databases.
      const actions = identityRights(alone).flatMap(({ Action }) => Action);
      expect(actions.filter((action) => action.startsWith("rds"))).toEqual([]);
    });

    test("a consumer that is no instance writes into its role's own partition, and reads its secrets, each role once", () => {
      const policies = alone
        .ofType("AWS::IAM::ManagedPolicy")
        .filter(([, { Properties }]) => (Properties.Roles as string[] | undefined)?.includes("importer"));
      const message = "infra/consumers.ts: one policy for each role that a consumer has";
      expect(policies, message).toHaveLength(1);
      // By the ARN as one of the settings has it: the path is a part of it.
      const partition = "arn:aws:iam::111122223333:role/service/importer";
      const statements = statementsIn(policies[0]?.[1].Properties.PolicyDocument);
      expect(
        statements.map(({ Action, Resource, Condition }) => [Action[0], Resource, Condition]),
        message,
      ).toEqual([
        ["secretsmanager:GetSecretValue", [API, SHORT].map(({ name }) => arnOf(name)), undefined],
        [
          "dynamodb:PutItem",
          [expect.stringMatching(/^\$\{DataSeriesTable\w+\.Arn\}$/)],
          {
            "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": partition },
            Null: { "dynamodb:LeadingKeys": "false" },
          },
        ],
        [
          "kms:Decrypt",
          [expect.stringMatching(/^\$\{DataTableKey\w+\.Arn\}$/)],
          { StringEquals: { "kms:ViaService": "dynamodb.${AWS::Region}.${AWS::URLSuffix}" } },
        ],
      ]);
      const inTimestream = both
        .ofType("AWS::IAM::ManagedPolicy")
        .find(([, one]) => (one.Properties.Roles as string[]).includes("importer"));
      const actions = statementsIn(inTimestream?.[1].Properties.PolicyDocument).flatMap(({ Action }) => Action);
      expect(actions).toEqual([
        "secretsmanager:GetSecretValue",
        "timestream:WriteRecords",
        "timestream:DescribeEndpoints",
      ]);
      const ofRoles = without.ofType("AWS::IAM::ManagedPolicy").filter(([, { Properties }]) => Properties.Roles);
      expect(ofRoles).toHaveLength(1);
    });

    test("functions are told of tokens, and of no role of a consumer", () => {
      for (const step of STEPS) {
        const [, { Properties }] = alone.one("AWS::Lambda::Function", "FunctionName", functionNameOf(step));
        const { CREDENTIALS } = ((Properties.Environment as { Variables?: object } | undefined)?.Variables ?? {}) as {
          CREDENTIALS?: string;
        };
        if (CREDENTIALS === undefined) continue;
        expect(JSON.parse(CREDENTIALS)).toMatchObject([{ name: API.name }, { name: SHORT.name }]);
        expect(CREDENTIALS).not.toContain("role");
      }
    });
  });
}
