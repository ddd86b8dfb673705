/**
 * What a step, or a command of the command line, may do in AWS: the pairs of a resource and an action on it that rights are
 * known for. A contract that names another pair does not compile, and the deployment refuses it.
 *
 * A pair stands here once somebody has looked up that the action can be given on that resource, under the conditions that
 * infra/rights/steps.ts puts on it: a pair that AWS does not know is granted without a word, and denied for ever.
 */
export const USABLE = {
  instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Scan"],
  instanceIndexes: ["dynamodb:Query"],
  /** The same table, for who needs it because of a token alone: where there is none, he is not given it. */
  tokenRecords: ["dynamodb:GetItem", "dynamodb:PutItem"],
  auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"],
  auditIndexes: ["dynamodb:Query"],
  sealBucket: ["s3:PutObject", "s3:PutObjectRetention"],
  findingTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
  findingIndexes: ["dynamodb:Query"],
  ticketTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
  keyEncryptionKey: ["kms:Encrypt", "kms:Decrypt"],
  nonceKey: ["kms:GenerateMac"],
  timeSeries: ["timestream:Select", "dynamodb:Query"],
  seriesIndexes: ["dynamodb:Query"],
  /** The secrets that are turned. */
  credentialSecrets: [
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
    "secretsmanager:RotateSecret",
    "secretsmanager:GetResourcePolicy",
  ],
  /** Those of them that are databases' logins, whose password Keyturn draws. */
  databaseSecrets: ["secretsmanager:PutSecretValue"],
  /** Those of them that are tokens, which an issuer draws. */
  tokenSecrets: ["secretsmanager:PutSecretValue"],
  /** The secrets with the API keys that tokens are made by. */
  keySecrets: ["secretsmanager:GetSecretValue"],
  /** The secrets of those who may alter users. */
  managerSecrets: ["secretsmanager:GetSecretValue"],
  /** Those of them who sign in by IAM. */
  managerUsers: ["rds-db:connect"],
  /** Secrets Manager's rotation function. Who asks for a rotation must be allowed to invoke it, though never does so itself. */
  rotateFunction: ["lambda:InvokeFunction"],
  pushDocument: ["ssm:SendCommand"],
  hosts: ["ssm:SendCommand"],
  alertTopic: ["sns:Publish", "sns:ListSubscriptionsByTopic"],
  eventBus: ["events:PutEvents"],
  registrationFlow: ["states:StartSyncExecution"],
  rotationFlow: ["states:SendTaskSuccess", "states:SendTaskFailure", "states:StartExecution"],
  fleetRotationFlow: ["states:ListExecutions", "states:StartExecution"],
  watchFlow: ["states:StartExecution", "states:ListExecutions"],
  operateFlow: ["states:StartExecution", "states:ListExecutions"],
  /** Every execution of a flow of which people start some. */
  executions: ["states:DescribeExecution"],
  /** Every flow that keeps a history, and its executions, also those of the items of its Maps, and the runs of these. */
  flows: ["states:ListExecutions"],
  histories: ["states:DescribeExecution", "states:DescribeStateMachineForExecution", "states:GetExecutionHistory"],
  mapRuns: ["states:ListExecutions"],
  schedules: ["scheduler:GetSchedule"],
  /** The deployment's own stack. */
  stack: ["cloudformation:DescribeStacks"],
  credentialFlow: ["states:StartExecution"],
  credentialExecutions: ["states:DescribeExecution"],
  exposedKeyFlow: ["states:StartExecution"],
  /** All IAM users of the account: whose key is exposed is not known before. */
  users: ["iam:ListAccessKeys", "iam:ListAttachedUserPolicies", "iam:UpdateAccessKey"],
  /** The same, where the settings have exposed keys deleted, or sessions denied. */
  usersWhoseKeysGo: ["iam:DeleteAccessKey"],
  usersDenied: ["iam:PutUserPolicy"],
  /** Actions for which AWS knows no narrower resource than all. */
  unscoped: [
    "cloudtrail:LookupEvents",
    "cloudwatch:DescribeAlarms",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplates",
    "iam:GetAccessKeyLastUsed",
    "servicequotas:GetServiceQuota",
    "servicequotas:ListServiceQuotas",
    "ssm:DescribeInstanceInformation",
    "ssm:GetCommandInvocation",
    "ssm:ListCommandInvocations",
    "sts:GetAccessKeyInfo",
    "timestream:DescribeEndpoints",
  ],
} as const;

/** What can be touched in AWS. The deployment turns each into the ARNs of the real thing. */
export type ResourceName = keyof typeof USABLE;

/** IAM actions by what they act on. */
export type Uses = { [Resource in ResourceName]?: readonly (typeof USABLE)[Resource][number][] };
