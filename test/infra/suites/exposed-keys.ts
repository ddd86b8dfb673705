import { describe, expect, test } from "vitest";
import { exposedKeySettingsOf } from "../../../functions/shared/exposed-key-settings.ts";
import { functionNameOf } from "../../../functions/steps.ts";
import { PARTS, type Part, stepsOf } from "../../../infra/parts.ts";
import { checkSettings } from "../../../infra/settings.ts";
import { stacksFor } from "../../../infra/stacks.ts";
import { STACK_DESCRIPTION, STACK_DESCRIPTION_WITHOUT_FLEET } from "../../../infra/wiring.ts";
import { broken, type Lasting, lasting } from "../lasting.ts";
import { identityRights, roleOfFunction, statementsIn } from "../policies.ts";
import { EVERYTHING, type Synthesized, shippedSettings, synthesize, synthesizeAll } from "../synthesized.ts";

/** What is done with exposed keys otherwise than as shipped. */
export const OTHERWISE_SHUT = {
  deploy: "on",
  then: "delete",
  denySessions: false,
  regions: ["us-east-1", "eu-west-1"],
  lookBackHours: 2160,
  guardDuty: ["UnauthorizedAccess:IAMUser/*", "Exfiltration:S3/MaliciousIPCaller"],
};

export const shipped = synthesize();
const [fleetAlone, ...second] = synthesizeAll(EVERYTHING, { region: "eu-west-1" });
/** The second stack, where the fleet is in another Region. */
export const elsewhere = second[0] ?? fleetAlone;
const SENDER = "arn:aws:iam::111122223333:role/Scanner";
export const alone = synthesize(
  { exposedKeys: { ...OTHERWISE_SHUT, deploy: "alone" }, eventSenders: [SENDER] },
  { region: "us-east-1" },
);

const functionsIn = (given: Synthesized) =>
  given.ofType("AWS::Lambda::Function").map(([, { Properties }]) => Properties.FunctionName);
const rulesIn = (given: Synthesized) => given.ofType("AWS::Events::Rule").map(([, { Properties }]) => Properties);
const variablesOf = (given: Synthesized, functionName: string) => {
  const [, { Properties }] = given.one("AWS::Lambda::Function", "FunctionName", functionName);
  return (Properties.Environment as { Variables: Record<string, string> }).Variables;
};

/**
 * What shuts exposed keys: beside the fleet, in a second stack, alone, or not there.
 *
 * @param beside a stack with both
 */
export function exposedKeys(beside: Synthesized): void {
  const OURS = "infra/parts.ts says what belongs to which part";

  describe("a stack is made of its parts", () => {
    test.each<[string, Synthesized, readonly Part[]]>([
      ["as shipped, of the fleet", shipped, ["fleet"]],
      ["with exposed keys, of both", beside, PARTS],
      ["in another Region than Health's, of the fleet", fleetAlone, ["fleet"]],
      ["the second one, of exposed keys", elsewhere, ["exposed-keys"]],
      ["alone, of exposed keys", alone, ["exposed-keys"]],
    ])("%s", (_, given, parts) => {
      expect(functionsIn(given).sort(), OURS).toEqual(stepsOf(parts).map(functionNameOf).sort());
      const [hasFleet, hasExposed] = [parts.includes("fleet"), parts.includes("exposed-keys")];
      expect(given.template.Description).toBe(hasFleet ? STACK_DESCRIPTION : STACK_DESCRIPTION_WITHOUT_FLEET);
      expect(Object.keys(given.template.Outputs as object).includes("RegistrationUrl"), OURS).toBe(hasFleet);
      const machines = given
        .ofType("AWS::StepFunctions::StateMachine")
        .map(([, one]) => one.Properties.StateMachineName);
      expect(machines.includes("keyturn-exposed-key"), OURS).toBe(hasExposed);
      expect(machines).toContain("keyturn-watch");
      const actions = identityRights(given).flatMap(({ Action }) => Action);
      const overUsers = actions.filter((one) => /^(iam|cloudtrail|sts):/.test(one));
      expect(overUsers.length > 0, "Rights over users are given only where exposed keys are shut").toBe(hasExposed);
      const followed = rulesIn(given).filter(({ Name }) => /keyturn-execution-/.test(String(Name)));
      expect(followed).toHaveLength(2);
      for (const { EventPattern } of followed) {
        const { stateMachineArn } = (EventPattern as { detail: { stateMachineArn: string[] } }).detail;
        const names = stateMachineArn.map((arn) => arn.split(":").at(-1));
        expect(
          names.filter((name) => !machines.includes(name)),
          "infra/wiring.ts: follow the flows that are there",
        ).toEqual([]);
      }
    });

    test("a second stack has the name of the first, and its Region in it", () => {
      expect(second).toHaveLength(1);
      expect(stacksFor(checkSettings({ ...shippedSettings(), ...EVERYTHING }), "us-east-1")).toMatchObject([
        { id: "Keyturn", parts: PARTS },
      ]);
      const [, dashboard] = elsewhere.ofType("AWS::CloudWatch::Dashboard")[0] ?? [];
      expect(dashboard?.Properties.DashboardName).toBe("keyturn-us-east-1");
    });

    test("without a fleet there are no hosts' rights, keys or schedules, and what is there lasts when a fleet comes", () => {
      for (const given of [elsewhere, alone]) {
        const types = new Set(Object.values(given.resources).map(({ Type }) => Type));
        const fleets = ["AWS::EC2::LaunchTemplate", "AWS::SSM::Document", "AWS::Lambda::Url"];
        expect(fleets.filter((type) => types.has(type))).toEqual([]);
        expect(given.ofType("AWS::KMS::Key")).toHaveLength(1);
        const schedules = given.ofType("AWS::Scheduler::Schedule").map(([, { Properties }]) => Properties.Name);
        expect(schedules).toEqual(["keyturn-watch"]);
        // People may ask SSM about hosts all the same, by a call that knows no narrower resource.
        const people = given.ofType("AWS::IAM::ManagedPolicy");
        const text = JSON.stringify([identityRights(given), people]).replaceAll("ssm:DescribeInstanceInformation", "");
        expect(text, "infra/rights/steps.ts: what belongs to the fleet is not there").not.toMatch(
          /keyturn-(tickets|samples|rotation|credential|registration|operate|fleet-rotation)|key-material|nonces|ssm:/,
        );
      }
      // By name and logical ID, the small stack is a part of the large one: from the one to the other nothing is made anew.
      const inAnyRegion = (one: Lasting): Lasting =>
        JSON.parse(
          JSON.stringify(one)
            .replaceAll("us-east-1", "${AWS::Region}")
            .replaceAll(/arn:aws:/g, "arn:${AWS::Partition}:"),
        );
      expect(broken(inAnyRegion(lasting(elsewhere)), inAnyRegion(lasting(beside)))).toEqual([]);
    });

    test("the watch says of no schedule that it is silent where there is none", () => {
      expect(variablesOf(beside, "keyturn-watch-notify-sns").SCHEDULE_SILENT_SECONDS).toBe("7200");
      for (const given of [elsewhere, alone]) {
        expect(variablesOf(given, "keyturn-watch-notify-sns").SCHEDULE_SILENT_SECONDS).toBe("0");
      }
    });
  });

  describe("what is done with exposed keys", () => {
    const rightsOf = (given: Synthesized, name: string) => {
      const role = roleOfFunction(given, `keyturn-exposed-key-${name}`);
      const own = identityRights(given).filter(({ roles }) => roles.includes(role));
      return own.filter(({ Action }) => Action.some((one) => one.startsWith("iam:")));
    };
    const users = (action: string) => [
      {
        Action: [action],
        Resource: [expect.stringMatching(/^arn:(\$\{AWS::Partition\}|aws):iam::\$\{AWS::AccountId\}:user\/\*$/)],
      },
    ];

    test("is what the settings say: users' keys are deleted, and sessions denied, only where they have it so", () => {
      expect(rightsOf(beside, "deactivate-key")).toMatchObject(users("iam:UpdateAccessKey"));
      expect(rightsOf(beside, "deny-sessions")).toMatchObject(users("iam:PutUserPolicy"));
      expect(rightsOf(beside, "delete-key")).toEqual([]);
      expect(rightsOf(alone, "deny-sessions")).toEqual([]);
      expect(rightsOf(alone, "delete-key")).toMatchObject(users("iam:DeleteAccessKey"));
    });

    test("is told to the step that reads the event, and nothing else of the settings is", () => {
      const told = (given: Synthesized) => variablesOf(given, "keyturn-exposed-key-validate-event").EXPOSED_KEYS ?? "";
      const { deploy: _deploy, guardDuty: _guardDuty, ...otherwise } = OTHERWISE_SHUT;
      expect(exposedKeySettingsOf(told(alone))).toEqual(otherwise);
      const { deploy: _off, guardDuty: _none, ...asShipped } = shippedSettings().exposedKeys as typeof OTHERWISE_SHUT;
      expect(exposedKeySettingsOf(told(beside))).toEqual(asShipped);
    });

    test("begins with Health's events, those of eventSenders, and GuardDuty's where types are set", () => {
      const receiving = (given: Synthesized) => {
        const [id] = given.one("AWS::Lambda::Function", "FunctionName", "keyturn-exposed-key-receive-event");
        return rulesIn(given).filter(({ Targets }) => JSON.stringify(Targets).includes(`{${id}.Arn}`));
      };
      expect(receiving(beside).map(({ Name }) => Name)).toEqual(["keyturn-health-risk", "keyturn-access-key-exposed"]);
      const [health, guardDuty, own] = receiving(alone);
      expect(health?.EventPattern).toEqual({
        source: ["aws.health"],
        detail: { service: ["RISK"], eventTypeCategory: ["issue"] },
      });
      expect(guardDuty?.EventPattern).toMatchObject({
        source: ["aws.guardduty"],
        detail: { type: [{ prefix: "UnauthorizedAccess:IAMUser/" }, "Exfiltration:S3/MaliciousIPCaller"] },
      });
      expect(own).toMatchObject({ EventBusName: "keyturn" });
      const [, deny] = alone.ofType("AWS::Events::EventBusPolicy").map(([, one]) => statementsIn(one.Properties)[0]);
      expect([deny?.Condition?.ArnNotLike?.["aws:PrincipalArn"]].flat()).toContain(SENDER);
    });
  });
}
