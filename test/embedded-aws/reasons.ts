/** Why an operation is built: who calls it. */
export type Reason =
  /** A file of the product, or of the deployment or the demo here, that calls it. */
  | { calledIn: string }
  /** A command of the AWS CLI that a document tells, or that `npm start` prints. */
  | { command: string; in: string }
  /** A command that somebody needs beside another operation, which has a reason of its own; test/cli tries it. */
  | { command: string; beside: string };

const REGISTRY = { calledIn: "functions/clients/registry.dynamodb.ts" };
const RECORD_READS = { calledIn: "functions/clients/record-reads.ts" };
const COMMANDS = { calledIn: "functions/clients/commands.ssm.ts" };
const REGISTRATIONS = { calledIn: "functions/clients/registrations.sfn.ts" };
const NONCES = { calledIn: "functions/clients/nonces.kms.ts" };
const SECRETS = { calledIn: "functions/clients/secrets.secretsmanager.ts" };
const VAULT = { calledIn: "functions/clients/vault.kms.ts" };
const DATA = { calledIn: "local/deploy-data.ts" };
const TABLES = { calledIn: "local/deploy-tables.ts" };
const DEPLOY_FLOWS = { calledIn: "local/deploy-flows.ts" };
const FLEET = { calledIn: "local/demo/fleet.ts" };
const ROTATIONS = { calledIn: "local/demo/rotations.ts" };
const ACCESS_KEYS = { calledIn: "functions/clients/access-keys.iam.ts" };
const DEPLOYER = { calledIn: "local/exposed/deployer.ts" };
const THIEF = { calledIn: "local/exposed/thief.ts" };
const EXECUTIONS = { calledIn: "functions/clients/executions.sfn.ts" };

/** Every operation of the embedded AWS with the reason for it, by the signing names of the services. */
export const REASONS: Record<string, Record<string, Reason>> = {
  states: {
    CreateStateMachine: DEPLOY_FLOWS,
    UpdateStateMachine: DEPLOY_FLOWS,
    ListStateMachines: ROTATIONS,
    PublishStateMachineVersion: DEPLOY_FLOWS,
    CreateStateMachineAlias: DEPLOY_FLOWS,
    UpdateStateMachineAlias: DEPLOY_FLOWS,
    ListStateMachineVersions: { command: "aws stepfunctions list-state-machine-versions", in: "docs/runbook.md" },
    DescribeStateMachine: { command: "aws stepfunctions describe-state-machine", beside: "StartExecution" },
    DescribeStateMachineForExecution: {
      command: "aws stepfunctions describe-state-machine-for-execution",
      in: "docs/runbook.md",
    },
    StartExecution: ROTATIONS,
    StartSyncExecution: REGISTRATIONS,
    StopExecution: { command: "aws stepfunctions stop-execution", beside: "StartExecution" },
    DescribeExecution: ROTATIONS,
    ListExecutions: ROTATIONS,
    GetExecutionHistory: { command: "aws stepfunctions get-execution-history", in: "docs/runbook.md" },
    SendTaskSuccess: EXECUTIONS,
    SendTaskFailure: EXECUTIONS,
  },
  lambda: {
    Invoke: { command: "aws lambda invoke", in: "docs/runbook.md" },
    InvokeFunctionUrl: { calledIn: "agent/registration/call.ts" },
  },
  dynamodb: {
    CreateTable: TABLES,
    DescribeTable: TABLES,
    UpdateTable: { command: "aws dynamodb update-table", in: "docs/deploying.md" },
    DeleteTable: TABLES,
    ListTables: { command: "aws dynamodb list-tables", beside: "Scan" },
    GetItem: RECORD_READS,
    PutItem: REGISTRY,
    UpdateItem: REGISTRY,
    Query: RECORD_READS,
    Scan: FLEET,
  },
  timestream: {
    DescribeEndpoints: { calledIn: "infra/deploy/account.aws.ts" },
    CreateDatabase: DATA,
    CreateTable: DATA,
    WriteRecords: { calledIn: "agent/series/timestream.ts" },
    Query: { calledIn: "functions/clients/timestream-rows.ts" },
  },
  kms: {
    CreateKey: DATA,
    CreateAlias: DATA,
    ListKeys: { command: "aws kms list-keys", in: "docs/deploying.md" },
    DescribeKey: DATA,
    Encrypt: VAULT,
    Decrypt: VAULT,
    GenerateMac: NONCES,
  },
  secretsmanager: {
    DescribeSecret: SECRETS,
    GetSecretValue: SECRETS,
    PutSecretValue: SECRETS,
    UpdateSecretVersionStage: SECRETS,
    CreateSecret: { command: "aws secretsmanager create-secret", beside: "PutSecretValue" },
    UpdateSecret: { command: "aws secretsmanager update-secret", beside: "PutSecretValue" },
    GetRandomPassword: { command: "aws secretsmanager get-random-password", beside: "PutSecretValue" },
    DeleteSecret: { command: "aws secretsmanager delete-secret", beside: "DescribeSecret" },
    ListSecrets: { command: "aws secretsmanager list-secrets", beside: "DescribeSecret" },
    ListSecretVersionIds: { command: "aws secretsmanager list-secret-version-ids", beside: "DescribeSecret" },
    RotateSecret: { command: "aws secretsmanager rotate-secret", beside: "UpdateSecretVersionStage" },
    CancelRotateSecret: { command: "aws secretsmanager cancel-rotate-secret", beside: "UpdateSecretVersionStage" },
    GetResourcePolicy: { command: "aws secretsmanager get-resource-policy", beside: "GetSecretValue" },
    PutResourcePolicy: { command: "aws secretsmanager put-resource-policy", beside: "GetSecretValue" },
  },
  ssm: {
    SendCommand: COMMANDS,
    ListCommands: { command: "aws ssm list-commands", in: "local/introduction.ts" },
    ListCommandInvocations: COMMANDS,
    GetCommandInvocation: COMMANDS,
    DescribeInstanceInformation: { command: "aws ssm describe-instance-information", in: "docs/runbook.md" },
    ListDocuments: { command: "aws ssm list-documents", beside: "SendCommand" },
  },
  events: {
    CreateEventBus: DATA,
    PutRule: DEPLOY_FLOWS,
    PutTargets: DEPLOY_FLOWS,
    PutEvents: { calledIn: "functions/clients/bus.eventbridge.ts" },
    ListRules: { command: "aws events list-rules", beside: "PutEvents" },
  },
  sns: {
    CreateTopic: DATA,
    Publish: { calledIn: "functions/clients/mail.sns.ts" },
    ListTopics: { command: "aws sns list-topics", beside: "ListSubscriptionsByTopic" },
    Subscribe: { command: "aws sns subscribe", beside: "ConfirmSubscription" },
    ConfirmSubscription: { command: "aws sns confirm-subscription", in: "docs/runbook.md" },
    ListSubscriptionsByTopic: { command: "aws sns list-subscriptions-by-topic", in: "docs/runbook.md" },
  },
  ec2: {
    RunInstances: FLEET,
    DescribeInstances: { calledIn: "functions/clients/hosts.ec2.ts" },
    StartInstances: FLEET,
    StopInstances: FLEET,
    TerminateInstances: FLEET,
  },
  scheduler: { GetSchedule: { command: "aws scheduler get-schedule", in: "docs/runbook.md" } },
  logs: { FilterLogEvents: { command: "aws logs tail", in: "docs/runbook.md" } },
  iam: {
    GetAccessKeyLastUsed: ACCESS_KEYS,
    UpdateAccessKey: ACCESS_KEYS,
    DeleteAccessKey: ACCESS_KEYS,
    ListAccessKeys: ACCESS_KEYS,
    ListAttachedUserPolicies: ACCESS_KEYS,
    PutUserPolicy: ACCESS_KEYS,
    CreateUser: DEPLOYER,
    GetUser: { command: "aws iam get-user", beside: "ListAccessKeys" },
    DeleteUser: DEPLOYER,
    CreateAccessKey: DEPLOYER,
    GetUserPolicy: { command: "aws iam get-user-policy", beside: "PutUserPolicy" },
    ListUserPolicies: { command: "aws iam list-user-policies", beside: "PutUserPolicy" },
    DeleteUserPolicy: DEPLOYER,
    AttachUserPolicy: THIEF,
    DetachUserPolicy: { command: "aws iam detach-user-policy", in: "docs/runbook.md" },
  },
  sts: {
    GetCallerIdentity: { command: "aws sts get-caller-identity", in: "docs/deploying.md" },
    GetAccessKeyInfo: ACCESS_KEYS,
    GetSessionToken: THIEF,
  },
  cloudtrail: { LookupEvents: { calledIn: "functions/clients/trail.cloudtrail.ts" } },
};

/** Here nothing is deployed by CloudFormation: what is asked before it is asked of AWS. */
const BEFORE_A_DEPLOYMENT = [
  "cloudformation.DescribeStackResources",
  "cloudformation.DescribeStacks",
  "cloudformation.GetTemplateSummary",
  "ec2.DescribeSubnets",
  "ec2.DescribeVpcs",
  "iam.GetPolicy",
  "iam.GetRole",
  "kms.ListAliases",
  "logs.DescribeLogGroups",
  "service-quotas.GetServiceQuota",
  "service-quotas.ListServiceQuotas",
  "ssm.GetParameter",
];
const BEFORE_A_REMOVAL = [
  "cloudformation.ListStackResources",
  "ec2.DescribeNetworkInterfaces",
  "ec2.DescribeSecurityGroups",
  "iam.ListAttachedRolePolicies",
  "iam.ListEntitiesForPolicy",
  "iam.ListRolePolicies",
];

/** What doctor leaves out where there is no account. */
const BY_DOCTOR = ["cloudwatch.DescribeAlarms", "ec2.DescribeLaunchTemplates"];

export const CALLED_ON_AWS_ONLY: string[] = ["s3.PutObject", ...BEFORE_A_DEPLOYMENT, ...BEFORE_A_REMOVAL, ...BY_DOCTOR];

export const ON_AWS_ONLY = [
  "aws cloudformation describe-stack-events",
  "aws cloudwatch describe-alarms",
  "aws ec2 create-tags",
  "aws ec2 delete-tags",
  "aws ec2 get-console-output",
  "aws ec2 modify-launch-template",
  "aws ecs update-service",
  "aws events delete-rule",
  "aws events list-targets-by-rule",
  "aws events remove-targets",
  "aws iam attach-role-policy",
  "aws iam get-account-summary",
  "aws iam get-role",
  "aws iam put-role-policy",
  "aws kms cancel-key-deletion",
  "aws kms delete-alias",
  "aws kms schedule-key-deletion",
  "aws lambda get-account-settings",
  "aws logs delete-log-group",
  "aws secretsmanager delete-resource-policy",
  "aws secretsmanager restore-secret",
  "aws service-quotas list-service-quotas",
  "aws service-quotas request-service-quota-increase",
  "aws sns set-topic-attributes",
  "aws sqs receive-message",
  "aws ssm start-session",
];
