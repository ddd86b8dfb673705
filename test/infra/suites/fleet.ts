import { describe, expect, test } from "vitest";
import { TURN_DOCUMENT } from "../../../agent/ssm-document.ts";
import { identityRights, statementsIn } from "../policies.ts";
import type { Synthesized } from "../synthesized.ts";

const COMMON = [
  "lambda:InvokeFunction",
  "lambda:InvokeFunctionUrl",
  "s3:GetObject",
  "ssm:UpdateInstanceInformation",
  "ssm:ListAssociations",
  "ssm:ListInstanceAssociations",
];

/** What an instance is and may do. */
export function fleet(store: string, given: Synthesized): void {
  const [roleId, role] = given.one("AWS::IAM::Role", "RoleName", "KeyturnInstance");
  const rights = identityRights(given).filter(({ roles }) => roles.includes(roleId));

  describe(`an instance with ${store}`, () => {
    test("only EC2 may assume the fleet's role", () => {
      const trust = statementsIn(role.Properties.AssumeRolePolicyDocument);
      expect(trust.map(({ Action, Principal }) => [Action, Principal])).toEqual([
        [["sts:AssumeRole"], { Service: "ec2.amazonaws.com" }],
      ]);
      expect(role.Properties.ManagedPolicyArns ?? []).toEqual([]);
    });

    test("may register, prove and be reached, and nothing else", () => {
      const actions = rights.flatMap(({ Action }) => Action).filter((action) => !/^(ssm|ec2)messages:/.test(action));
      const proving =
        store === "timestream" ? ["timestream:WriteRecords", "timestream:DescribeEndpoints"] : ["dynamodb:PutItem"];
      expect(actions.filter((action) => !action.startsWith("kms:")).sort()).toEqual([...COMMON, ...proving].sort());
    });

    test("cannot invoke the registration function but through its URL", () => {
      const invocations = rights.filter(({ Action }) => Action.includes("lambda:InvokeFunction"));
      expect(invocations.map(({ Condition }) => Condition)).toEqual([
        { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
      ]);
      const permissions = given.ofType("AWS::Lambda::Permission").map(([, { Properties }]) => Properties.Principal);
      expect(new Set(permissions)).toEqual(new Set(["events.amazonaws.com"]));
    });

    test("the registration URL takes signed calls only", () => {
      expect(given.ofType("AWS::Lambda::Url").map(([, { Properties }]) => Properties.AuthType)).toEqual(["AWS_IAM"]);
    });

    test("cannot put events, return tokens or start executions", () => {
      const actions = rights.flatMap(({ Action }) => Action);
      expect(actions.filter((action) => /^(events|states|sns|kms:GenerateMac)/.test(action))).toEqual([]);
    });

    if (store === "dynamodb") {
      test("may write samples under its own ARN only", () => {
        const writes = rights.filter(({ Action }) => Action.includes("dynamodb:PutItem"));
        expect(writes.map(({ Condition }) => Condition)).toEqual([
          { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "${ec2:SourceInstanceARN}" } },
        ]);
        const [, series] = given.one("AWS::DynamoDB::Table", "TableName", "keyturn-samples");
        expect(series.Properties.KeySchema).toEqual([
          { AttributeName: "instanceArn", KeyType: "HASH" },
          { AttributeName: "timeMs", KeyType: "RANGE" },
        ]);
        expect(series.Properties.TimeToLiveSpecification).toEqual({ AttributeName: "expiresAt", Enabled: true });
      });
    }

    test("is launched as a small Amazon Linux 2023 with no way in and no old metadata service", () => {
      const [, template] = given.one("AWS::EC2::LaunchTemplate", "LaunchTemplateName", "keyturn-instance");
      const data = template.Properties.LaunchTemplateData as Record<string, unknown>;
      expect(data.InstanceType).toBe("t2.micro");
      expect(data.ImageId).toMatch(/al2023-ami-kernel-default-x86_64$/);
      expect(data.MetadataOptions).toEqual({ HttpTokens: "required", HttpPutResponseHopLimit: 1 });
      const [, group] = given.one("AWS::EC2::SecurityGroup", "GroupName", "keyturn-instance");
      expect(group.Properties.SecurityGroupIngress).toBeUndefined();
      expect(given.ofType("AWS::EC2::SecurityGroupIngress")).toEqual([]);
      expect(JSON.stringify(data.TagSpecifications)).toContain('{"Key":"keyturn","Value":"instance"}');
    });

    test("a push hands on the agent's own document, of which a change makes a new version", () => {
      const [, { Properties }] = given.one("AWS::SSM::Document", "Name", "Keyturn-Turn");
      expect(Properties.Content).toEqual(TURN_DOCUMENT);
      expect(Properties.UpdateMethod).toBe("NewVersion");
    });

    test("new and existing instances are set up by the same commands", () => {
      const [, template] = given.one("AWS::EC2::LaunchTemplate", "LaunchTemplateName", "keyturn-instance");
      const [, document] = given.one("AWS::SSM::Document", "Name", "Keyturn-Install");
      const { mainSteps } = document.Properties.Content as { mainSteps: { inputs: { runCommand: string[] } }[] };
      const { UserData } = template.Properties.LaunchTemplateData as { UserData: string };
      expect(UserData).toBe(`#!/bin/bash\n${mainSteps[0]?.inputs.runCommand.join("\n")}`);
    });
  });
}
