/**
 * Calls that leave something behind which outlives the key: whoever has used it can come back by it, or goes on being served.
 * By the names of the actions in AWS's Service Authorization Reference, as CloudTrail has them; the pattern of the whole name.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * What only reads, ends or deletes something leaves nothing by which one comes back.
 */
const LEAVES: Record<string, RegExp> = {
  // Users, keys, passwords, second factors, certificates, groups, roles and whom they trust, policies and who has them, and
  // who may sign in from elsewhere.
  iam: /^(Create|Attach|Put|Update|Upload|Add|Set|Enable|Resync|Tag)/,
  // People and their permissions across accounts.
  sso: /^(Create|Attach|Put|Provision|Update)/,
  identitystore: /^(Create|Update)/,
  organizations: /^(Create|Invite|Accept|Attach|Enable|Register|Move)/,
  // Instances and how to reach them, images and snapshots that others may read, doors in networks.
  ec2: new RegExp(
    [
      "^(RunInstances|StartInstances|RequestSpot|CreateFleet|RunScheduledInstances",
      "(Create|Modify)LaunchTemplate|CreateKeyPair|ImportKeyPair|ModifyInstanceAttribute",
      "Authorize(SecurityGroup|ClientVpn)|ModifySecurityGroupRules|CreateSecurityGroup|CreateVpcPeering|AcceptVpcPeering",
      "Modify(Image|Snapshot)Attribute|CopyImage|CopySnapshot|CreateImage|CreateSnapshot|CreateInstanceExportTask",
      "(Associate|Replace)IamInstanceProfile|CreateClientVpn|CreateVpnConnection|AllocateAddress|AssociateAddress)",
    ].join("|"),
  ),
  "ec2-instance-connect": /^Send/,
  autoscaling: /^(Create|Update|Put|SetDesired|Attach)/,
  elasticloadbalancing: /^Create/,
  lightsail: /^(Create|Open|Put|Download|Attach|Allocate)/,
  // What runs code, now or later. Lambda's names bear the date of its API.
  lambda: /^(Create|Update|AddPermission|AddLayerVersionPermission|Publish|Put)/,
  ecs: /^(Create|Run|Start|Register|Update)/,
  eks: /^(Create|Associate|Update)/,
  batch: /^(Create|Submit|Register|Update)/,
  codebuild: /^(Create|Start|Update|Import)/,
  sagemaker: /^(Create|Start|Update)/,
  glue: /^(Create|Start|Update)/,
  elasticmapreduce: /^(RunJobFlow|Add|CreateStudio)/,
  elasticbeanstalk: /^(Create|Update)/,
  apprunner: /^(Create|Start|Update)/,
  cloudformation: /^(Create|Execute|Update)/,
  states: /^(Create|Start|Update)/,
  scheduler: /^(Create|Update)/,
  events: /^(Put|Create|Update)/,
  ssm: /^(Send|Start|Create|Update|Put|Register|ModifyDocument)/,
  bedrock: /^(Create|Put|Update)/,
  // Databases, and copies of them that others may read.
  rds: /^(Create|Modify|Copy|Restore|Start|Authorize)/,
  redshift: /^(Create|Modify|Authorize|Restore)/,
  // Who else may read, decrypt or send, and where trails and logs go.
  s3: /^(Put(Bucket(Policy|Acl|Replication|Notification|Website|PublicAccessBlock)|AccessPointPolicy)|CreateBucket|CreateAccessPoint|DeleteBucketPublicAccessBlock)/,
  kms: /^(Create|Put|ReplicateKey|ImportKeyMaterial)/,
  secretsmanager: /^(Create|Put|Update|ReplicateSecret)/,
  ecr: /^(SetRepositoryPolicy|PutRegistryPolicy|PutReplication|PutImage|CreateRepository)/,
  sns: /^(Create|Subscribe|AddPermission|SetTopic)/,
  sqs: /^(Create|AddPermission|SetQueue)/,
  ses: /^(Create|Verify|Put|Set|Update)/,
  route53: /^(Change|Create|Associate)/,
  route53domains: /^(Register|Transfer|Update)/,
  acm: /^(Import|Request)/,
  rolesanywhere: /^(Create|Enable|Update|Import|Put)/,
  "cognito-idp": /^(Create|Admin|Update|Set)/,
  "cognito-identity": /^(Create|Set|Update)/,
  // What watches is switched off, and stays so.
  cloudtrail: /^(Stop|Delete|Update|Put)/,
  guardduty: /^(Delete|Update|Create|Stop|Disassociate|Archive)/,
  config: /^(Stop|Delete)/,
  logs: /^(Delete|PutSubscription|PutDestination|PutResourcePolicy)/,
  securityhub: /^(Disable|Delete|Batch(Disable|Update))/,
};

/** Whether a call of a name, e.g. `iam:CreateUser`, leaves something behind, where it is not refused. */
export function leavesSomething(name: string): boolean {
  const [source = "", action = ""] = name.split(":");
  return Object.hasOwn(LEAVES, source) && LEAVES[source]?.test(action) === true;
}
