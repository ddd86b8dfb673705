import { describe, expect, test } from "vitest";
import { credentialsOf } from "../../../functions/shared/credential-settings.ts";
import { functionNameOf, STEPS } from "../../../functions/steps.ts";
import { identityRights, type Right, roleOfFunction, type Statement, statementsIn } from "../policies.ts";
import type { Synthesized } from "../synthesized.ts";

/** Actions for which AWS knows no narrower resource than all. */
const UNSCOPED = new Set([
  "cloudtrail:LookupEvents",
  "ec2:DescribeInstances",
  "iam:GetAccessKeyLastUsed",
  "ssm:GetCommandInvocation",
  "ssm:ListCommandInvocations",
  "sts:GetAccessKeyInfo",
  "timestream:DescribeEndpoints",
]);
/** What the SSM agent does, and what CDK gives state machines for logs and traces. */
const UNSCOPED_GROUPS =
  /^(ssm:(UpdateInstanceInformation|List(Instance)?Associations)|ssmmessages:|ec2messages:|logs:|xray:)/;
/** What Lambda does to connect a function with a VPC. test/infra/suites/credentials.ts says of which functions. */
const CONNECTING = /^ec2:(\w+NetworkInterfaces?|\w+PrivateIpAddresses|DescribeSubnets)$/;

/** What belongs to the fleet, so that without one nobody has a right to it. */
const OF_FLEET =
  /^(ticketTable|keyEncryptionKey|nonceKey|pushDocument|hosts|rotateFunction|credentialExecutions|(?!exposedKey)\w+Flow)$/;

/** Who may do what, where there is a fleet. */
export function rights(stores: readonly string[], given: Synthesized): void {
  rightsOfSteps(stores, given);
  rightsAroundKeys(stores, given);
}

/** Who may do what, whatever is deployed. */
export function rightsOfSteps(stores: readonly string[], given: Synthesized): void {
  const all = identityRights(given);
  const steps = stepsIn(given);
  const hasFleet = steps.some(({ flow }) => flow === "rotation");
  const kinds = kindsOfCredentials(given);
  const isThere = (resource: string) => {
    if (!hasFleet && OF_FLEET.test(resource)) return false;
    if (/^(database|manager)Secrets$/.test(resource)) return kinds.has("database");
    if (/^(token(Secrets|Records)|keySecrets)$/.test(resource)) return kinds.has("token");
    return resource !== "credentialSecrets" || kinds.size > 0;
  };

  describe(`rights of steps with ${[...stores, ...kinds].join(" and ")}`, () => {
    test("no action of any role is a wildcard", () => {
      expect(
        all.flatMap(({ Action }) => Action).filter((action) => action.includes("*")),
        "Name each action that is needed, in a step's contract or in infra",
      ).toEqual([]);
    });

    test("all resources at once are given only for actions that know no narrower one", () => {
      const broad = all.filter(({ Resource }) => Resource.includes("*")).flatMap(({ Action }) => Action);
      expect(
        broad.filter((action) => !UNSCOPED.has(action) && !UNSCOPED_GROUPS.test(action) && !CONNECTING.test(action)),
        "Name, where infra gives rights, the resource of these; if AWS knows none for one, list it in UNSCOPED of this suite",
      ).toEqual([]);
    });

    test("each step may do exactly what its contract names", () => {
      for (const step of steps) {
        const role = roleOfFunction(given, functionNameOf(step));
        const own = all.filter(({ roles }) => roles.includes(role));
        // Besides: its log, its dead letters, and the key of the tables by way of the service that it is for.
        const granted = own
          .filter(({ Action, Condition }) => !Action.some((a) => /^(logs|sqs):/.test(a)) && !viaService(Condition))
          // One action on several resources may stand in one statement; the secrets of all credentials are one thing.
          .flatMap(({ Action, Resource }) =>
            new Set(Resource.map(kindOf))
              .values()
              .toArray()
              .flatMap(() => Action),
          )
          .filter((action) => !CONNECTING.test(action));
        const named = Object.entries(step.uses as Record<string, readonly string[]>);
        const expected = named.flatMap(([resource, actions]) =>
          actions.filter((one) => isIn(stores, one, resource) && isThere(resource)),
        );
        const message = `${functionNameOf(step)}: infra makes each pair under uses in its contract a right, and nothing else gives one`;
        expect([...granted].sort(), message).toEqual([...expected].sort());
      }
    });

    test("nobody but the steps may put events on Keyturn's bus, whatever other policies say", () => {
      const policies = given.ofType("AWS::Events::EventBusPolicy");
      const [allow, deny] = policies.map(([, { Properties }]) => statementsIn(Properties)[0]);
      const message =
        "infra/bus.ts: deny events:PutEvents to all but the roles whose contracts name it, and those of eventSenders";
      expect(deny, message).toMatchObject({ Effect: "Deny", Action: ["events:PutEvents"], Principal: { AWS: ["*"] } });
      const senders = rolesThatMay("events:PutEvents", all).map((role) => `\${${role}.Arn}`);
      expect([deny?.Condition?.ArnNotLike?.["aws:PrincipalArn"]].flat().sort(), message).toEqual(senders.sort());

      // A policy that only denies may be refused. As the account is allowed, and not who is in it, they need rights too.
      const first = "infra/bus.ts: allow the account before, and nobody in it, so that the Deny is never alone";
      expect(allow, first).toMatchObject({
        Effect: "Allow",
        Principal: { AWS: [expect.stringMatching(/^arn:(\$\{AWS::Partition\}|aws):iam::\$\{AWS::AccountId\}:root$/)] },
      });
      expect(policies[1]?.[1].DependsOn, first).toEqual([policies[0]?.[0]]);
    });
  });
}

function rightsAroundKeys(stores: readonly string[], given: Synthesized): void {
  const all = identityRights(given);

  describe(`rights with ${stores.join(" and ")}`, () => {
    test("only the registration function may start a registration", () => {
      const message =
        "A registration proves who calls in the function alone: take every other right to it out of contracts and infra";
      const registering = [roleOfFunction(given, "keyturn-registration-register")];
      expect(rolesThatMay("states:StartSyncExecution", all), message).toEqual(registering);
      const registration = all.filter(({ Resource }) => Resource.some((one) => one.endsWith(":keyturn-registration")));
      expect(
        registration.flatMap(({ Action }) => Action),
        message,
      ).toEqual(["states:StartSyncExecution"]);
    });

    test("rights to start name the state machine and never its alias", () => {
      const starts = all.filter(({ Action }) => Action.some((action) => /^states:Start/.test(action)));
      expect(starts.length).toBeGreaterThan(3);
      for (const { Resource } of starts) {
        const message =
          "infra: name the state machine without its alias, since IAM compares with it also for a start through the alias";
        for (const resource of Resource) expect(resource, message).toMatch(/:stateMachine:keyturn-[a-z-]+$/);
      }
    });

    test("key material is decrypted by five steps only, and only under the name of the key that it is", () => {
      const [materialKey] = given.one(
        "AWS::KMS::Key",
        "Description",
        "Keyturn: encrypts the instances' keys in their records",
      );
      const uses = all.filter(({ Resource }) => Resource.includes(`\${${materialKey}.Arn}`));
      const decrypting = uses.filter(({ Action }) => Action.includes("kms:Decrypt")).flatMap(({ roles }) => roles);
      const names = ["verify-hash", "derive-successor", "derive-again"];
      const steps = [...names.map((name) => `rotation-${name}`), "watch-look-at-records", "watch-check-records"];
      const message = `Only ${names.join(", ")}, look-at-records and check-records may decrypt key material: take it out of other contracts`;
      expect(decrypting.sort(), message).toEqual(steps.map((name) => roleOfFunction(given, `keyturn-${name}`)).sort());
      for (const { Condition } of uses) {
        const names = ["id", "ec2InstanceId", "generation"];
        const message =
          "infra/rights/steps.ts: let a right to the key of key material ask for all names of the encryption context";
        expect(Condition?.["ForAllValues:StringEquals"]?.["kms:EncryptionContextKeys"], message).toEqual(names);
        expect(Object.keys(Condition?.Null ?? {}), message).toEqual(
          names.map((name) => `kms:EncryptionContext:${name}`),
        );
      }
    });

    // Of a call without such a key `ForAllValues` holds for every value.
    test("what is asked of all values of a key is asked of one at least", () => {
      const allowed = allStatements(given.resources).filter(({ Effect }) => Effect === "Allow");
      const asked = allowed.flatMap(({ Condition = {} }) =>
        Object.entries(Condition).flatMap(([operator, keys]) =>
          operator.startsWith("ForAllValues:")
            ? Object.keys(keys).map((key) => ({ key, present: Condition.Null ?? {} }))
            : [],
        ),
      );
      expect(asked.length).toBeGreaterThan(3);
      // Who names a value of the context has keys in it.
      const showing = (key: string) => (key === "kms:EncryptionContextKeys" ? /^kms:EncryptionContext(:|Keys$)/ : key);
      const unsure = asked.filter(
        ({ key, present }) =>
          !Object.entries(present).some(([name, isAbsent]) => name.match(showing(key)) && isAbsent === "false"),
      );
      const message =
        'infra/rights: let a Null condition of "false" stand beside ForAllValues, as for OWN_PARTITION in infra/rights/instances.ts';
      expect(unsure, message).toEqual([]);
    });

    test("a push reaches only hosts that are tagged as Keyturn's, by Keyturn's own document", () => {
      const sends = all.filter(({ Action }) => Action.includes("ssm:SendCommand"));
      const documents = sends.flatMap(({ Resource }) => Resource).filter((one) => one.includes(":document/"));
      const message =
        "infra/rights/steps.ts: let ssm:SendCommand name Keyturn-Turn alone, and only hosts with the tag keyturn=instance";
      expect(documents, message).toEqual([expect.stringMatching(/:document\/Keyturn-Turn$/)]);
      const hosts = sends.filter(({ Resource }) => Resource.some((one) => one.includes(":instance/")));
      expect(
        hosts.map(({ Condition }) => Condition),
        message,
      ).toEqual([{ StringEquals: { "ssm:resourceTag/keyturn": "instance" } }]);
    });
  });
}

/** The roles that may do something. */
function rolesThatMay(action: string, all: Right[]): string[] {
  return [...new Set(all.filter((one) => one.Action.includes(action)).flatMap((one) => one.roles))];
}

/** The steps of which there is a function. */
export function stepsIn(given: Synthesized) {
  const names = new Set(given.ofType("AWS::Lambda::Function").map(([, { Properties }]) => Properties.FunctionName));
  return STEPS.filter((step) => names.has(functionNameOf(step)));
}

/** All statements of policies of any kind, wherever they stand. */
function allStatements(value: unknown): Statement[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(allStatements);
  return "Effect" in value ? [value as Statement, ...inner] : inner;
}

/** What a resource is one of, where a contract has one word for several: as settings of the tests name the secrets. */
function kindOf(resource: string): string {
  if (!resource.includes(":secretsmanager:")) return resource;
  if (/manager-\?|rds!/.test(resource)) return "managerSecrets";
  return /\/key-/.test(resource) ? "keySecrets" : "credentialSecrets";
}

/** Of which kinds there are credentials, as the functions are told. */
function kindsOfCredentials(given: Synthesized): Set<string> {
  const [, { Properties }] = given.one("AWS::Lambda::Function", "FunctionName", "keyturn-watch-read-credentials");
  const { CREDENTIALS = "[]" } = (Properties.Environment as { Variables: Record<string, string> }).Variables;
  return new Set(credentialsOf(CREDENTIALS).map(({ kind }) => kind));
}

function viaService(condition: Record<string, Record<string, unknown>> | undefined): boolean {
  return condition?.StringEquals?.["kms:ViaService"] !== undefined;
}

/** Whether an action on a resource is of what there is: of the two stores one, but while samples move. */
function isIn(stores: readonly string[], action: string, resource: string): boolean {
  // As shipped, seals are kept in no bucket.
  if (resource === "sealBucket") return false;
  // Nor does a manager sign in by IAM: test/infra/suites/credentials.ts says what it is where one does.
  if (resource === "managerUsers") return false;
  // As shipped, exposed keys are not deleted: test/infra/suites/exposed-keys.ts says what it is where they are.
  if (resource === "usersWhoseKeysGo") return false;
  if (resource === "seriesIndexes") return stores.includes("dynamodb");
  if (resource === "timeSeries") return stores.some((store) => action.startsWith(`${store}:`));
  return stores.includes("timestream") || !action.startsWith("timestream:");
}
