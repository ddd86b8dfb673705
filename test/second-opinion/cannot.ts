import type { EmulatorName } from "./emulators.ts";

/** Cases in which an emulator does not do what ours and AWS do. With `KEYTURN_ASK_ANEW=1`, one that it has learned fails the test. */
export interface Cannot {
  suite: string;
  /** Titles; all cases of the suite if they are left out. */
  cases?: readonly string[];
  because: string;
  /** It does at times, so that nothing can be said: the cases are skipped. */
  byChance?: true;
  /** Where ours and theirs both answer, and not alike: what AWS documents, and where. */
  aws?: string;
}

const REACHES_A_HOST = [
  "the agent is told to turn, and what it prints comes back",
  "an agent that fails is over, too, and what it printed comes back",
  "all commands of a host since a moment are found, and none of another host",
  "a long answer comes back whole, and nothing else with it",
  "an answer beside a log comes back whole, and nothing else with it",
  "a refusal beside its reason comes back whole, and nothing else with it",
];
const UNDER_A_PROFILE = "hosts are found by the name of the profile that they run under";
const HAS_NO_STATE = "a command that was never sent, or not to this host, has no state";

const NO_USE = "of a secret that nobody used there is nothing";
const READS_USES = [
  NO_USE,
  "uses are read as they were written, newest first, whoever wrote them",
  "of each version that a consumer uses on an instance, the last use is read",
  "the ends of the window are included, and what lies beyond them is not there",
  "uses of other secrets are not read, whatever their names",
  "what is no use is passed over, and takes no place of one",
  "as many as are read at the most are read, and more are told of and never cut",
  "uses by roles are read beside those by instances, several of one role by their names",
];

const NOT_AT_ONCE: Omit<Cannot, "suite" | "cases"> = {
  because: "its condition and its write are two steps, between which another call may write",
  byChance: true,
  aws: "DynamoDB Developer Guide, condition expressions: a write takes place only where its condition holds",
};

const CONFIRMS_AT_ONCE: Cannot = {
  suite: "what doctor asks of a deployment",
  cases: ["who is subscribed to the mails is listed, and who has not confirmed it"],
  because: "it takes an address as confirmed as soon as it is subscribed",
  aws: "SNS API, Subscribe: the endpoint's owner must run ConfirmSubscription; until then it is listed as PendingConfirmation",
};

export const CANNOT: Record<EmulatorName, readonly Cannot[]> = {
  ministack: [
    CONFIRMS_AT_ONCE,
    {
      suite: "tasks in Step Functions",
      cases: ["ending a task twice is no error, and the first end stands"],
      because:
        "another of its threads forgets the token of a task that was ended, and a call before that ends it once more",
      byChance: true,
      aws: "Step Functions API, SendTaskFailure: the token of a task that was closed already is a TaskTimedOut",
    },
    {
      suite: "what doctor asks of a deployment",
      cases: ["a flow that there is not has no executions, and none is not there"],
      because: "it lists the executions of a state machine that there is not, as none",
      aws: "Step Functions API, ListExecutions: a StateMachineDoesNotExist",
    },
    {
      suite: "access keys in IAM",
      cases: ["is nobody, of one that was deleted, or never was"],
      because:
        "its GetAccessKeyInfo reads an account out of the key's ID, and its own IDs are drawn: of some no account can be read",
      byChance: true,
      aws: "STS API, GetAccessKeyInfo: the account is the one that the key belongs to",
    },
    {
      suite: "access keys in IAM",
      cases: ["another user's key is gone, as far as this one is concerned", "a user whom nobody knows has nothing"],
      because: "it looks for a key whoever's it is, and lists the keys of users that there are not",
      aws: "IAM API, UpdateAccessKey, DeleteAccessKey and ListAccessKeys: what is not there is a NoSuchEntity",
    },
    {
      suite: "the trail in CloudTrail",
      cases: ["all calls of a key are read, page by page, the newest first, each once"],
      because: "it gives one call in its history, however many there were",
    },
    { suite: "the time series in Timestream", because: "it has no Timestream" },
    { suite: "the time series in both stores", because: "it has no Timestream" },
    { suite: "the uses in Timestream", cases: READS_USES, because: "it has no Timestream" },
    { suite: "the uses in both stores", cases: READS_USES, because: "it has no Timestream" },
    {
      suite: "the vault in KMS",
      cases: ["a ciphertext that was altered, cut or made up cannot be read"],
      because: "its ciphertexts carry no checksum of their last part, so an altered one gives another plaintext",
      aws: "KMS API, Decrypt: a ciphertext that is corrupted or otherwise invalid is an InvalidCiphertextException",
    },
    {
      suite: "hosts in EC2",
      cases: ["more are asked about than EC2 takes in one call"],
      because: "it does not know the filter instance-id, and describes every host",
      aws: "EC2 API, DescribeInstances: with filters, only the instances that meet them are described",
    },
    {
      suite: "commands in SSM",
      cases: [...REACHES_A_HOST, HAS_NO_STATE],
      because: "its hosts run no SSM agent, and it sends a command to no other",
    },
    {
      suite: "what is asked before a deployment",
      cases: ["subnets and security groups are known by their IDs, subnets with their VPC"],
      because: "it does not know the filter group-id, and describes every security group",
      aws: "EC2 API, DescribeSecurityGroups: with filters, only those that meet them are described",
    },
    {
      suite: "what is asked before a removal",
      cases: [
        "hosts are found by their group and by a tag, until they have ended",
        UNDER_A_PROFILE,
        "interfaces hold a group by themselves, and other groups by their rules",
      ],
      because: "it does not know the filters by security group and by profile, and describes everything",
      aws: "EC2 API, DescribeInstances and DescribeSecurityGroups: with filters, only those that meet them are described",
    },
  ],
  moto: [
    CONFIRMS_AT_ONCE,
    {
      suite: "access keys in IAM",
      cases: ["is said to be another account where it is"],
      because: "it does not read the account out of a key's ID",
      aws: "STS API, GetAccessKeyInfo: the account of any access key",
    },
    {
      suite: "access keys in IAM",
      cases: ["a user's managed policies are named"],
      because: "it knows no managed policy of Amazon's",
    },
    { suite: "the trail in CloudTrail", because: "it has no LookupEvents" },
    {
      suite: "what is asked before a removal",
      cases: [UNDER_A_PROFILE],
      because: "it breaks off at the filter iam-instance-profile.arn",
      aws: "EC2 API, DescribeInstances: iam-instance-profile.arn is a filter",
    },
    {
      suite: "the registry in DynamoDB",
      cases: [
        "of additions at once, one takes place",
        "of derivations at once, one is written",
        "of writes at once, one takes place",
        "of those opened at once, one stands",
        "of those that agree at once, one has",
        "an execution has failed once, however often it says so",
        "of acts at once, each line is due",
        "of those who note at once, one does",
      ],
      ...NOT_AT_ONCE,
    },
    {
      suite: "the records of credentials in DynamoDB",
      cases: ["of two who write what they read at the same time, one writes"],
      ...NOT_AT_ONCE,
    },
    { suite: "the findings in DynamoDB", cases: ["of writes at once, one takes place"], ...NOT_AT_ONCE },
    {
      suite: "the audit in DynamoDB",
      cases: [
        "of two that are put at once in one place, one lies there and the other is told",
        "of two that are put at once one stands, whole, and the other is told",
      ],
      ...NOT_AT_ONCE,
    },
    {
      suite: "the tickets in DynamoDB",
      cases: [
        "what is no ticket is none, stays, and is replaced where an earlier call gave it: a generation that is text",
      ],
      because: "it fails at a condition that compares a text with a number",
      aws: "DynamoDB Developer Guide, comparison operators: values of different types compare as false, and are no error",
    },
    {
      suite: "the time series in Timestream",
      cases: [
        "samples are read as they were written, newest first",
        "the oldest moment asked for is included, and older ones are not",
        "of too many, the newest are read",
        "samples of other IDs and of other hosts are not read",
        "the latest moment asked for is included, and later ones take no place",
        "samples under two IDs of one host do not overwrite each other",
        "what is no sample is passed over, and takes no sample's place",
        "what is written at the same time again takes the other's place",
        "counts from that moment on, and what bears a time to come, too",
        "counts what is no sample",
        "is given for each that has one, and who has none is left out",
        "is that of the window, its ends included",
        "is what the host itself wrote under the ID itself",
        "is a sample, and not what has none of its form",
        "is found among more than are asked about at once",
      ],
      because: "it keeps records, but answers queries only with what a test has laid down",
    },
    {
      suite: "the uses in Timestream",
      cases: READS_USES.filter((title) => title !== NO_USE),
      because: "its Timestream answers queries only with what a test has laid down",
    },
    {
      suite: "the uses in both stores",
      cases: [
        "uses are read as they were written, newest first, whoever wrote them",
        "of each version that a consumer uses on an instance, the last use is read",
        "the ends of the window are included, and what lies beyond them is not there",
        "uses by roles are read beside those by instances, several of one role by their names",
      ],
      because: "its Timestream answers queries only with what a test has laid down",
    },
    {
      suite: "the time series in both stores",
      cases: [
        "samples are read as they were written, newest first",
        "the oldest moment asked for is included, and older ones are not",
        "of too many, the newest are read",
        "samples of other IDs and of other hosts are not read",
        "samples under two IDs of one host do not overwrite each other",
        "what is no sample is passed over, and takes no sample's place",
        "what is written at the same time again takes the other's place",
        "is given for each that has one, and who has none is left out",
        "is what the host itself wrote under the ID itself",
        "is a sample, and not what has none of its form",
        "is found among more than are asked about at once",
      ],
      because: "its Timestream answers queries only with what a test has laid down",
    },
    {
      suite: "tasks in Step Functions",
      cases: [
        "a task that waits is ended with an error",
        "an execution is found by its name, as it is and as it ended",
      ],
      because: "it forgets the cause that SendTaskFailure gives",
      aws: "Step Functions API, SendTaskFailure: the cause is for the failure's explanation, which DescribeExecution shows",
    },
    {
      suite: "tasks in Step Functions",
      cases: ["ending a task twice is no error, and the first end stands"],
      because: "it takes a SendTaskFailure for any task that there ever was",
      aws: "Step Functions API, SendTaskFailure: the token of a task that was closed already is a TaskTimedOut",
    },
    { suite: "registrations in Step Functions", because: "it has no StartSyncExecution" },
    {
      suite: "commands in SSM",
      cases: REACHES_A_HOST,
      because: "it runs no command, calls each a success without output, and has no ListCommandInvocations",
    },
    {
      suite: "commands in SSM",
      cases: ["a host that SSM does not know cannot be reached"],
      because: "it takes commands to any host",
      aws: "Systems Manager API, SendCommand: no registered agent, or a host in no valid state, is an InvalidInstanceId",
    },
    {
      suite: "commands in SSM",
      cases: [HAS_NO_STATE],
      because: "it answers InvalidCommandId to the ID of a command that was never sent",
      aws:
        "Systems Manager API, GetCommandInvocation: command and host that fit no invocation are an " +
        "InvocationDoesNotExist; people see it, too, when they ask for a command before it is known (boto3#2701)",
    },
  ],
};

/** What is said of a case, if it is on an emulator's list. */
export function cannot(emulator: EmulatorName, suite: string, title: string): Cannot | undefined {
  return CANNOT[emulator].find((row) => row.suite === suite && (row.cases?.includes(title) ?? true));
}
