import { describe, expect, test } from "vitest";
import { TURN_DOCUMENT } from "../../../agent/ssm-document.ts";
import { identityRights, statementsIn } from "../policies.ts";
import type { Synthesized } from "../synthesized.ts";

const COMMON = [
  "dynamodb:GetItem",
  "lambda:InvokeFunction",
  "lambda:InvokeFunctionUrl",
  "s3:GetObject",
  "ssm:UpdateInstanceInformation",
  "ssm:ListAssociations",
  "ssm:ListInstanceAssociations",
];

/** What an instance is and may do. */
export function fleet(stores: readonly string[], given: Synthesized): void {
  const [roleId, role] = given.one("AWS::IAM::Role", "RoleName", "KeyturnInstance-${AWS::Region}");
  const rights = identityRights(given).filter(({ roles }) => roles.includes(roleId));

  describe(`an instance with ${stores.join(" and ")}`, () => {
    test("only EC2 may assume the fleet's role", () => {
      const trust = statementsIn(role.Properties.AssumeRolePolicyDocument);
      const message = "infra/instances.ts: let EC2 alone assume the fleet's role, and attach no policy of AWS's own";
      expect(
        trust.map(({ Action, Principal }) => [Action, Principal]),
        message,
      ).toEqual([[["sts:AssumeRole"], { Service: "ec2.amazonaws.com" }]]);
      expect(role.Properties.ManagedPolicyArns ?? [], message).toEqual([]);
    });

    test("may register, prove, fetch its ticket and be reached, and nothing else", () => {
      const actions = rights.flatMap(({ Action }) => Action).filter((action) => !/^(ssm|ec2)messages:/.test(action));
      const proving = [
        ...(stores.includes("timestream") ? ["timestream:WriteRecords", "timestream:DescribeEndpoints"] : []),
        ...(stores.includes("dynamodb") ? ["dynamodb:PutItem"] : []),
      ];
      const message =
        "infra/rights/instances.ts: an instance registers, proves, fetches its ticket and is reached; take other rights away, or say here why \
it needs one";
      expect(actions.filter((action) => !action.startsWith("kms:")).sort(), message).toEqual(
        [...COMMON, ...proving].sort(),
      );
    });

    test("cannot invoke the registration function but through its URL", () => {
      const invocations = rights.filter(({ Action }) => Action.includes("lambda:InvokeFunction"));
      const message =
        "infra/rights/instances.ts: let the fleet's role invoke through the URL only, where the caller's identity is checked";
      expect(
        invocations.map(({ Condition }) => Condition),
        message,
      ).toEqual([{ Bool: { "lambda:InvokedViaFunctionUrl": "true" } }]);
      const permissions = given.ofType("AWS::Lambda::Permission").map(([, { Properties }]) => Properties.Principal);
      const open = "Only rules start functions of themselves: take other permissions to invoke out of infra";
      expect(new Set(permissions), open).toEqual(new Set(["events.amazonaws.com"]));
    });

    test("the registration URL takes signed calls only", () => {
      const types = given.ofType("AWS::Lambda::Url").map(([, { Properties }]) => Properties.AuthType);
      expect(types, "infra/stack.ts: one function URL, with authType AWS_IAM, or anybody could register").toEqual([
        "AWS_IAM",
      ]);
    });

    test("cannot put events, return tokens or start executions", () => {
      const actions = rights.flatMap(({ Action }) => Action);
      expect(
        actions.filter((action) => /^(events|states|sns|kms:GenerateMac)/.test(action)),
        "infra/rights/instances.ts: take these away, or whoever holds an instance could speak for the control plane",
      ).toEqual([]);
    });

    // `ForAllValues` also holds where there is no leading key at all.
    const OWN_PARTITION = {
      "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "${ec2:SourceInstanceARN}" },
      Null: { "dynamodb:LeadingKeys": "false" },
    };
    const conditionsOf = (action: string) =>
      rights.filter(({ Action }) => Action.includes(action)).map(({ Condition }) => Condition);

    test("may read the ticket under its own ARN only, and write none", () => {
      const message = "infra/rights/instances.ts: let dynamodb:GetItem ask for the instance's own ARN as leading key";
      expect(conditionsOf("dynamodb:GetItem"), message).toEqual([OWN_PARTITION]);
      const [id, tickets] = given.one("AWS::DynamoDB::Table", "TableName", "keyturn-tickets");
      const keys = "infra/data.ts: keep the table of tickets as protocol/tickets.ts says that a ticket lies in it";
      expect(tickets.Properties.KeySchema, keys).toEqual([
        { AttributeName: "instanceArn", KeyType: "HASH" },
        { AttributeName: "id", KeyType: "RANGE" },
      ]);
      expect(tickets.Properties.TimeToLiveSpecification, keys).toEqual({ AttributeName: "expiresAt", Enabled: true });
      const onTickets = rights.filter(({ Resource }) => JSON.stringify(Resource).includes(id));
      expect(
        onTickets.flatMap(({ Action }) => Action),
        "infra/rights/instances.ts: an instance reads tickets and does nothing else with them",
      ).toEqual(["dynamodb:GetItem"]);
    });

    if (stores.includes("dynamodb")) {
      test("may write samples under its own ARN only", () => {
        expect(
          conditionsOf("dynamodb:PutItem"),
          "infra/rights/instances.ts: let dynamodb:PutItem ask for the instance's own ARN as leading key, or one could write for another",
        ).toEqual([OWN_PARTITION]);
        const [, series] = given.one("AWS::DynamoDB::Table", "TableName", "keyturn-samples");
        const message = "infra/data.ts: keep the table of samples as protocol/series.ts says that a sample lies in it";
        expect(series.Properties.KeySchema, message).toEqual([
          { AttributeName: "instanceArn", KeyType: "HASH" },
          { AttributeName: "idAndTime", KeyType: "RANGE" },
        ]);
        expect(series.Properties.TimeToLiveSpecification, message).toEqual({
          AttributeName: "expiresAt",
          Enabled: true,
        });
      });
    }

    test("is launched as a small Amazon Linux 2023 with no way in and no old metadata service", () => {
      const [, template] = given.one("AWS::EC2::LaunchTemplate", "LaunchTemplateName", "keyturn-instance");
      const data = template.Properties.LaunchTemplateData as Record<string, unknown>;
      const message =
        "infra/instances.ts: launch a t2.micro with Amazon Linux 2023, tagged keyturn=instance, with IMDSv2 and no ingress";
      expect(data.InstanceType, message).toBe("t2.micro");
      expect(data.ImageId, message).toMatch(/al2023-ami-kernel-default-x86_64$/);
      expect(data.MetadataOptions, message).toEqual({ HttpTokens: "required", HttpPutResponseHopLimit: 1 });
      const [[, group] = []] = given.ofType("AWS::EC2::SecurityGroup");
      expect(group?.Properties.SecurityGroupIngress, message).toBeUndefined();
      expect(given.ofType("AWS::EC2::SecurityGroupIngress"), message).toEqual([]);
      expect(JSON.stringify(data.TagSpecifications), message).toContain('{"Key":"keyturn","Value":"instance"}');
    });

    test("its security group has no name, so that it can be made in another VPC beside the former", () => {
      const [[, group] = []] = given.ofType("AWS::EC2::SecurityGroup");
      const message =
        "infra/instances.ts: leave the group's name to CloudFormation, which makes a second one before the first goes";
      expect(group?.Properties, message).toEqual({ GroupDescription: "Keyturn: nothing comes in" });
    });

    test("the former security group stays where it is made anew, and goes with the stack where it is not", () => {
      const [[, group] = []] = given.ofType("AWS::EC2::SecurityGroup");
      const message =
        "infra/instances.ts: earlier versions of the launch template, and groups that are pinned to one, name the former group";
      expect(group, message).toMatchObject({ UpdateReplacePolicy: "Retain", DeletionPolicy: "Delete" });
    });

    test("a push hands on the agent's own document, of which a change makes a new version", () => {
      const [, { Properties }] = given.one("AWS::SSM::Document", "Name", "Keyturn-Turn");
      const message =
        "infra/instances.ts: deploy TURN_DOCUMENT of agent/ssm-document.ts as it is, with updateMethod NewVersion";
      expect(Properties.Content, message).toEqual(TURN_DOCUMENT);
      expect(Properties.UpdateMethod, message).toBe("NewVersion");
    });

    test("may fetch the agent of any deployment, since a template's earlier versions name earlier agents", () => {
      const fetches = rights.filter(({ Action }) => Action.includes("s3:GetObject"));
      const bucket = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}";
      const message =
        "infra/instances.ts: let instances read all of Keyturn's own bundles in CDK's bucket, and nothing that is another app's";
      expect(
        fetches.map(({ Resource, Condition }) => [Resource, Condition]),
        message,
      ).toEqual([[[`arn:\${AWS::Partition}:s3:::${bucket}/keyturn/*.zip`], undefined]]);
      const [, template] = given.one("AWS::EC2::LaunchTemplate", "LaunchTemplateName", "keyturn-instance");
      const { UserData } = template.Properties.LaunchTemplateData as { UserData: string };
      const [, fetched = ""] = /^bundle='s3:\/\/(\S+)'$/m.exec(UserData) ?? [];
      const under = "infra/stack.ts: let bundles lie under the prefix that instances may read";
      expect(fetched.replace(bucket, "BUCKET"), under).toMatch(/^BUCKET\/keyturn\/[0-9a-f]{64}\.zip$/);
    });

    test("may have S3 decrypt the agents, whichever key of the account's own CDK's bucket has, and nothing else by it", () => {
      const agents = "arn:${AWS::Partition}:s3:::cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}";
      const decrypting = rights.filter(({ Resource }) => Resource.some((one) => one.endsWith(":key/*")));
      const message =
        "infra/instances.ts: let instances use a key that they do not know by way of S3 alone, for the agents' files alone";
      expect(
        decrypting.map(({ Action, Resource, Condition }) => ({ Action, Resource, Condition })),
        message,
      ).toEqual([
        {
          Action: ["kms:Decrypt"],
          Resource: ["arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*"],
          Condition: {
            StringEquals: { "kms:ViaService": "s3.${AWS::Region}.${AWS::URLSuffix}" },
            // The object's ARN, or the bucket's where it has a bucket key.
            StringLike: { "kms:EncryptionContext:aws:s3:arn": [`${agents}/keyturn/*.zip`, agents] },
          },
        },
      ]);
    });

    test("new and existing instances are set up by the same commands", () => {
      const [, template] = given.one("AWS::EC2::LaunchTemplate", "LaunchTemplateName", "keyturn-instance");
      const [, document] = given.one("AWS::SSM::Document", "Name", "Keyturn-Install");
      const { mainSteps } = document.Properties.Content as { mainSteps: { inputs: { runCommand: string[] } }[] };
      const { UserData } = template.Properties.LaunchTemplateData as { UserData: string };
      const message =
        "infra/instances.ts: take user data and the document Keyturn-Install both from infra/install/script.ts";
      expect(UserData, message).toBe(`#!/bin/bash\n${mainSteps[0]?.inputs.runCommand.join("\n")}`);
    });
  });
}
