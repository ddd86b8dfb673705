import { expect, test } from "vitest";
import { leavesSomething } from "../../../functions/exposed-key/leaves.ts";

test.each([
  ...["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:CreateRole"],
  ...["iam:UpdateAssumeRolePolicy", "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:CreatePolicyVersion"],
  ...["iam:SetDefaultPolicyVersion", "iam:AddUserToGroup", "iam:CreateSAMLProvider", "iam:UploadSSHPublicKey"],
  ...["ec2:RunInstances", "ec2:RequestSpotInstances", "ec2:RequestSpotFleet", "ec2:CreateFleet", "ec2:CreateKeyPair"],
  ...["ec2:ImportKeyPair", "ec2:AuthorizeSecurityGroupIngress", "ec2:ModifyImageAttribute"],
  ...["ec2:ModifySnapshotAttribute", "ec2:ModifyInstanceAttribute", "rds:ModifyDBSnapshotAttribute"],
  ...["lambda:CreateFunction20150331", "lambda:AddPermission20150331v2", "lambda:UpdateFunctionCode20150331v2"],
  ...["s3:PutBucketPolicy", "s3:PutBucketAcl", "kms:CreateGrant", "kms:PutKeyPolicy", "ecs:RunTask", "ssm:SendCommand"],
  ...["cloudtrail:StopLogging", "guardduty:DeleteDetector", "cloudformation:CreateStack", "events:PutRule"],
])("%s leaves something behind", (name) => expect(leavesSomething(name)).toBe(true));

test.each([
  ...[
    "sts:GetCallerIdentity",
    "sts:AssumeRole",
    "iam:ListUsers",
    "iam:GetUser",
    "iam:DeleteUser",
    "iam:SimulatePrincipalPolicy",
  ],
  ...["ec2:DescribeInstances", "ec2:TerminateInstances", "ec2:RebootInstances", "s3:ListBuckets", "s3:GetBucketAcl"],
  ...["secretsmanager:GetSecretValue", "kms:Decrypt", "cloudtrail:LookupEvents", "lambda:ListFunctions20150331"],
  ...["constructor:toString", "unknown:Create", "iam", ""],
])("%s leaves nothing", (name) => expect(leavesSomething(name)).toBe(false));
