import { describe, expect, test } from "vitest";
import { functionNameOf, STEPS } from "../../../functions/steps.ts";
import { CREDENTIAL_NETWORK, openingIdOf } from "../../../infra/credential-network.ts";
import { BY_IAM, NETWORK, ORDERS, SHOP } from "../credential-settings.ts";
import { identityRights, roleOfFunction } from "../policies.ts";
import type { Resource, Synthesized } from "../synthesized.ts";
import { neededBy } from "../walk.ts";

const SECRETS = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:";
/** What only a deployment with credentials has. */
const OF_CREDENTIALS = [
  ...["AWS::SecretsManager::Secret", "AWS::SecretsManager::RotationSchedule"],
  ...["AWS::EC2::VPCEndpoint", "AWS::EC2::SecurityGroupIngress"],
];

/**
 * Credentials that are turned: ORDERS and SHOP, in NETWORK.
 *
 * @param without a deployment without any
 * @param given one whose ways out are endpoints
 * @param byNat one whose network has its ways out, and the first of whose managers signs in by IAM
 * @param moved one whose first credential has another server now
 */
export function credentials(
  without: Synthesized,
  { given, byNat, moved }: Record<"given" | "byNat" | "moved", Synthesized>,
): void {
  const functionOf = (step: Parameters<typeof functionNameOf>[0], of: Synthesized) =>
    of.one("AWS::Lambda::Function", "FunctionName", functionNameOf(step))[1];
  /** As CloudFormation is given them. */
  const variablesOf = (step: Parameters<typeof functionNameOf>[0]): Record<string, unknown> => {
    const [id] = given.one("AWS::Lambda::Function", "FunctionName", functionNameOf(step));
    const { Environment } = (given.template.Resources as Record<string, Resource>)[id]?.Properties ?? {};
    return (Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};
  };
  const secretsUrlOf = (step: Parameters<typeof functionNameOf>[0]) =>
    variablesOf(step).AWS_ENDPOINT_URL_SECRETS_MANAGER;
  const scheduleOf = (of: Synthesized, name: string) =>
    of.one("AWS::SecretsManager::RotationSchedule", "SecretId", name);
  const inNetwork = STEPS.filter(({ neighbours }) => (neighbours as readonly string[]).includes("authorities"));

  describe("credentials", () => {
    test("without any, nothing is in a network, and no secret is made or read", () => {
      const types = new Set(Object.values(without.resources).map(({ Type }) => Type));
      const message = "infra/stack.ts: make what is for credentials only where there are some";
      expect(
        OF_CREDENTIALS.filter((type) => types.has(type)),
        message,
      ).toEqual([]);
      expect(
        without.ofType("AWS::Lambda::Function").filter(([, { Properties }]) => Properties.VpcConfig !== undefined),
        message,
      ).toEqual([]);
      const actions = identityRights(without).flatMap(({ Action }) => Action);
      expect(
        actions.filter((action) => /^(secretsmanager:|ec2:CreateNetworkInterface)/.test(action)),
        message,
      ).toEqual([]);
    });

    test("a secret is drawn as the originals ask, in the form that drivers read, and outlives the stack", () => {
      const all = given.ofType("AWS::SecretsManager::Secret");
      const message =
        "infra/credentials.ts: a secret for each credential that has none yet; no password is one that people type";
      expect(
        all.map(([, { Properties }]) => Properties.Name),
        message,
      ).toEqual([ORDERS.name]);
      const [, { Properties, DeletionPolicy, UpdateReplacePolicy }] = given.one(
        ...(["AWS::SecretsManager::Secret", "Name", ORDERS.name] as const),
      );
      const { SecretStringTemplate, ...drawn } = Properties.GenerateSecretString as Record<string, unknown>;
      expect(drawn, message).toEqual({
        ...{ PasswordLength: 41, ExcludePunctuation: true, RequireEachIncludedType: true },
        GenerateStringKey: "password",
      });
      expect(JSON.parse(String(SecretStringTemplate))).toEqual({
        username: "orders_a",
        engine: "postgres",
        host: ORDERS.hosts[0],
        port: 5432,
        dbname: "orders",
      });
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["RetainExceptOnCreate", "Retain"]);
    });

    // CloudFormation draws another password whenever the template of the value changes, and no database knows that one.
    // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2210
    test("no change of the settings draws another password into a secret that there is", () => {
      const [id] = given.one("AWS::SecretsManager::Secret", "Name", ORDERS.name);
      const [other, secret] = moved.one("AWS::SecretsManager::Secret", "Name", ORDERS.name);
      const message =
        "infra/credentials.ts: name the secret after what its password is drawn to, so that a change makes no update of it";
      expect(JSON.stringify(secret.Properties), message).not.toBe(JSON.stringify(given.resources[id]?.Properties));
      expect(other, message).not.toBe(id);
      expect(scheduleOf(moved, ORDERS.name)[0], "its schedule is the same, so that rotation is not switched off").toBe(
        scheduleOf(given, ORDERS.name)[0],
      );
    });

    test("each is turned by its schedule, for the first time when that is made, and not before all is there for it", () => {
      const [rotate] = given.one("AWS::Lambda::Function", "FunctionName", "keyturn-credential-rotate");
      const flow = given
        .ofType("AWS::StepFunctions::StateMachineAlias")
        .find(([id]) => id.startsWith("FlowsCredential"));
      for (const { name, schedule } of [ORDERS, SHOP]) {
        const [id, { Properties }] = scheduleOf(given, name);
        expect(Properties).toEqual({
          SecretId: name,
          RotationLambdaARN: `\${${rotate}.Arn}`,
          RotationRules: { ScheduleExpression: schedule },
          RotateImmediatelyOnUpdate: true,
        });
        const before = [...neededBy(id, given)];
        const message = "infra/credentials.ts: let the schedule depend on all that a rotation needs: it begins at once";
        const permissions = before.filter((one) => given.resources[one]?.Type === "AWS::Lambda::Permission");
        expect(
          permissions.map((one) => given.resources[one]?.Properties),
          message,
        ).toEqual([
          {
            Action: "lambda:InvokeFunction",
            FunctionName: `\${${rotate}}`,
            Principal: "secretsmanager.amazonaws.com",
            SourceAccount: "${AWS::AccountId}",
            SourceArn: `${SECRETS}${name}-??????`,
          },
        ]);
        const network = Object.keys(given.resources).filter((one) => one.startsWith("CredentialNetwork"));
        const steps = given.ofType("AWS::Lambda::Function").filter(([one]) => /^FunctionsCredential(?!Req)/.test(one));
        expect(before, message).toEqual(expect.arrayContaining([flow?.[0], ...network, ...steps.map(([one]) => one)]));
      }
      const [secret] = given.one("AWS::SecretsManager::Secret", "Name", ORDERS.name);
      expect([...neededBy(scheduleOf(given, ORDERS.name)[0], given)]).toContain(secret);
    });

    test("whoever talks to databases, and nobody else, does it from the network, under a group of their own", () => {
      const [group] = given.one(
        "AWS::EC2::SecurityGroup",
        "GroupDescription",
        "Keyturn: functions that turn database credentials",
      );
      const connected = given
        .ofType("AWS::Lambda::Function")
        .filter(([, { Properties }]) => Properties.VpcConfig !== undefined);
      const message =
        "infra/functions.ts: the functions whose contracts name the neighbour authorities are in the network";
      expect(inNetwork.length).toBeGreaterThan(4);
      expect(connected.map(([, { Properties }]) => Properties.FunctionName).sort(), message).toEqual(
        inNetwork.map(functionNameOf).sort(),
      );
      for (const [, { Properties }] of connected) {
        expect(Properties.VpcConfig, message).toEqual({
          SubnetIds: NETWORK.subnets,
          SecurityGroupIds: [`\${${group}.GroupId}`],
        });
      }
      const into = given.ofType("AWS::EC2::SecurityGroupIngress").map(([, { Properties }]) => Properties);
      const opened = (credential: typeof ORDERS) => ({
        Description: "Keyturn: turns database credentials",
        GroupId: credential.securityGroup,
        ...{ IpProtocol: "tcp", FromPort: credential.port, ToPort: credential.port },
        SourceSecurityGroupId: `\${${group}.GroupId}`,
      });
      expect(into, "infra/credential-network.ts: open each database's group to these functions alone").toEqual([
        opened(ORDERS),
        opened(SHOP),
      ]);
      const removed =
        "infra/destroy/removal.ts knows the stack's own rules and groups by these names, and refuses others'";
      expect(
        given
          .ofType("AWS::EC2::SecurityGroupIngress")
          .map(([id], i) => [
            id.includes(openingIdOf([ORDERS, SHOP][i]?.securityGroup ?? "")),
            group.startsWith(CREDENTIAL_NETWORK) && id.startsWith(CREDENTIAL_NETWORK),
          ]),
        removed,
      ).toEqual([
        [true, true],
        [true, true],
      ]);
      const { SecurityGroupEgress } = given.resources[group]?.Properties ?? {};
      const out = (SecurityGroupEgress as Record<string, unknown>[]).map(
        ({ FromPort, CidrIp, DestinationSecurityGroupId }) => [FromPort, CidrIp ?? DestinationSecurityGroupId],
      );
      expect(out).toEqual([
        [443, "0.0.0.0/0"],
        [5432, ORDERS.securityGroup],
        [3306, SHOP.securityGroup],
      ]);
    });

    test("what they do in AWS can be done from there", () => {
      // Who connects as a database's user calls nobody but the database, which asks IAM by itself.
      const reached = /^((secretsmanager|dynamodb|timestream):|rds-db:connect$)/;
      for (const step of inNetwork) {
        const actions = (Object.values(step.uses) as (readonly string[])[]).flat();
        expect(
          actions.filter((action) => !reached.test(action)),
          `${functionNameOf(step)}: from the database's network nothing else is reached; let another step do this`,
        ).toEqual([]);
      }
    });

    test("Lambda may connect their functions, which may not do so themselves", () => {
      const connecting = identityRights(given).filter(({ Action }) => Action.includes("ec2:CreateNetworkInterface"));
      const roles = inNetwork.map((step) => roleOfFunction(given, functionNameOf(step)));
      const message = "infra/rights/network.ts: allow Lambda to make network interfaces, and deny it to the function";
      for (const Effect of ["Allow", "Deny"]) {
        const of = connecting.filter((one) => one.Effect === Effect).flatMap((one) => one.roles);
        expect(of.sort(), message).toEqual(roles.toSorted());
      }
      for (const step of inNetwork) {
        const denied = connecting.filter(
          ({ roles, Effect }) => Effect === "Deny" && roles.includes(roleOfFunction(given, functionNameOf(step))),
        );
        expect(
          denied.map(({ Condition }) => Condition),
          message,
        ).toEqual([
          {
            ArnEquals: {
              "lambda:SourceFunctionArn": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionNameOf(step)}`,
            },
          },
        ]);
      }
    });

    test("with endpoints, these functions reach Secrets Manager by a name of its own, which nobody else is sent to", () => {
      const [[id, secrets] = ["", undefined], [, table] = []] = given.ofType("AWS::EC2::VPCEndpoint");
      const message =
        "infra/credential-network.ts: with private DNS, everybody in the VPC would go through an endpoint that lets these functions in alone";
      expect(secrets?.Properties, message).toMatchObject({
        ServiceName: "com.amazonaws.${AWS::Region}.secretsmanager",
        VpcEndpointType: "Interface",
        PrivateDnsEnabled: false,
        SubnetIds: NETWORK.subnets,
      });
      expect(table?.Properties).toMatchObject({
        ServiceName: "com.amazonaws.${AWS::Region}.dynamodb",
        VpcEndpointType: "Gateway",
        RouteTableIds: ["rtb-0123456789abcdef0"],
      });
      const told = STEPS.filter((step) => secretsUrlOf(step) !== undefined);
      expect(told.map(functionNameOf)).toEqual(inNetwork.map(functionNameOf));
      const first = { "Fn::Select": [0, { "Fn::GetAtt": [id, "DnsEntries"] }] };
      const name = { "Fn::Select": [1, { "Fn::Split": [":", first] }] };
      for (const step of told) expect(secretsUrlOf(step)).toEqual({ "Fn::Join": ["", ["https://", name]] });
    });

    test("these functions, and no others, load the certificates that Lambda has of Amazon's authorities", () => {
      const loading = STEPS.filter((step) => variablesOf(step).NODE_EXTRA_CA_CERTS === "/var/runtime/ca-cert.pem");
      const message =
        "infra/functions.ts: databases of later Regions and of other partitions are trusted by these alone";
      expect(loading.map(functionNameOf), message).toEqual(inNetwork.map(functionNameOf));
      expect(JSON.stringify(without.template)).not.toContain("NODE_EXTRA_CA_CERTS");
    });

    test("where the network has its ways out, no endpoint is made, and none is named", () => {
      expect(byNat.ofType("AWS::EC2::VPCEndpoint")).toEqual([]);
      expect(JSON.stringify(byNat.template)).not.toContain("AWS_ENDPOINT_URL");
      expect(functionOf(inNetwork[0] as (typeof STEPS)[number], byNat).Properties.VpcConfig).toBeDefined();
    });

    test("secrets are named in rights one by one, and instances read those alone that the settings give them", () => {
      const about = identityRights(given).filter(({ Action }) =>
        Action.some((one) => one.startsWith("secretsmanager:")),
      );
      const named = new Set(about.flatMap(({ Resource }) => Resource));
      expect([...named].sort(), "infra/arns.ts: name each secret, with the six characters that AWS adds").toEqual(
        [
          ...[ORDERS.name, SHOP.name, ORDERS.manager.secret].map((name) => `${SECRETS}${name}-??????`),
          SHOP.manager.secret,
        ].sort(),
      );
      const ofInstances = about.filter(({ policy }) => given.resources[policy]?.Type === "AWS::IAM::ManagedPolicy");
      expect(ofInstances.map(({ Action, Resource }) => [Action, Resource])).toEqual([
        [["secretsmanager:GetSecretValue"], [`${SECRETS}${SHOP.name}-??????`]],
      ]);
    });

    test("who acts as a manager without a secret may connect as him, and so may nobody else", () => {
      const connecting = identityRights(byNat).filter(({ Action }) => Action.includes("rds-db:connect"));
      const named = connecting.map(({ Action, Resource }) => [Action, Resource]);
      const user = `arn:\${AWS::Partition}:rds-db:\${AWS::Region}:\${AWS::AccountId}:dbuser:*/${BY_IAM.user}`;
      expect([...new Set(named.map((one) => JSON.stringify(one)))]).toEqual([
        JSON.stringify([["rds-db:connect"], [user]]),
      ]);
      const acting = STEPS.filter(({ uses }) => "managerSecrets" in uses);
      expect(connecting.flatMap(({ roles }) => roles).sort()).toEqual(
        acting.map((step) => roleOfFunction(byNat, functionNameOf(step))).sort(),
      );
      expect(acting.length).toBeGreaterThan(0);
      const secrets = identityRights(byNat).flatMap(({ Resource }) => Resource);
      expect(secrets.filter((one) => one.includes(ORDERS.manager.secret))).toEqual([]);
      expect(identityRights(given).flatMap(({ Action }) => Action)).not.toContain("rds-db:connect");
    });

    test("what puts a secret's value, or reads a manager's, is a step of this flow alone", () => {
      const rolesThat = (holds: (right: { Action: string[]; Resource: string[] }) => boolean) => [
        ...new Set(
          identityRights(given)
            .filter(holds)
            .flatMap(({ roles }) => roles),
        ),
      ];
      const roleOf = (name: string) => roleOfFunction(given, `keyturn-credential-${name}`);
      expect(rolesThat(({ Action }) => Action.includes("secretsmanager:PutSecretValue"))).toEqual([
        roleOf("derive-successor"),
      ]);
      const managers = rolesThat(({ Resource }) => Resource.includes(SHOP.manager.secret));
      const network = inNetwork.map((step) => roleOfFunction(given, functionNameOf(step)));
      expect(managers.filter((role) => !network.includes(role))).toEqual([]);
    });
  });
}
