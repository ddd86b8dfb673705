import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  NoSuchEntityException,
} from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { describe } from "vitest";
import { iamAccessKeys } from "../../../functions/clients/access-keys.iam.ts";
import { DENY_SESSIONS_POLICY } from "../../../functions/clients/access-keys.ts";
import { dynamoAudit } from "../../../functions/clients/audit.dynamodb.ts";
import { eventBridgeBus } from "../../../functions/clients/bus.eventbridge.ts";
import { ssmCommands } from "../../../functions/clients/commands.ssm.ts";
import { dynamoCredentials } from "../../../functions/clients/credentials.dynamodb.ts";
import { sfnExecutions } from "../../../functions/clients/executions.sfn.ts";
import { dynamoFindings } from "../../../functions/clients/findings.dynamodb.ts";
import { ec2Hosts } from "../../../functions/clients/hosts.ec2.ts";
import { snsMail } from "../../../functions/clients/mail.sns.ts";
import { kmsNonces } from "../../../functions/clients/nonces.kms.ts";
import { sfnRegistrations } from "../../../functions/clients/registrations.sfn.ts";
import { dynamoRegistry } from "../../../functions/clients/registry.dynamodb.ts";
import { dynamoTickets } from "../../../functions/clients/tickets.dynamodb.ts";
import { dynamoSeries } from "../../../functions/clients/time-series.dynamodb.ts";
import { timestreamSeries } from "../../../functions/clients/time-series.timestream.ts";
import { cloudTrail } from "../../../functions/clients/trail.cloudtrail.ts";
import { dynamoUses } from "../../../functions/clients/uses.dynamodb.ts";
import { timestreamUses } from "../../../functions/clients/uses.timestream.ts";
import { kmsVault } from "../../../functions/clients/vault.kms.ts";
import { INSTANCE_TAG, NAMES } from "../../../infra/wiring.ts";
import { createBus, keyNamed } from "../../../local/deploy-data.ts";
import {
  createAuditTable,
  createFindingTable,
  createInstanceTable,
  createTicketTable,
} from "../../../local/deploy-tables.ts";
import { instanceArn, TICKETS } from "../../../protocol/index.ts";
import { accessKeysSuite } from "./access-keys.suite.ts";
import { auditSuite } from "./audit.suite.ts";
import {
  type AwsUnderTest,
  answeringFlow,
  hostsOfEachState,
  seriesTable,
  sfnClient,
  timestreamUseWriter,
  timestreamWriter,
  waitingFlow,
} from "./aws-under-test.ts";
import { busSuite } from "./bus.suite.ts";
import { commandsSuite } from "./commands.suite.ts";
import { credentialsSuite } from "./credentials.suite.ts";
import { executionsSuite } from "./executions.suite.ts";
import { findingsSuite } from "./findings.suite.ts";
import { hostsSuite } from "./hosts.suite.ts";
import { mailSuite } from "./mail.suite.ts";
import { noncesSuite } from "./nonces.suite.ts";
import { registrationsSuite } from "./registrations.suite.ts";
import { registrySuite } from "./registry.suite.ts";
import { type TicketPlace, ticketsSuite } from "./tickets.suite.ts";
import { inBoth, timeSeriesSuite } from "./time-series.suite.ts";
import { trailSuite } from "./trail.suite.ts";
import { usesHalfInEach, usesSuite } from "./uses.suite.ts";
import { vaultSuite } from "./vault.suite.ts";

/** The samples and uses in Timestream. */
const SAMPLES = { database: NAMES.timestreamDatabase, table: NAMES.timestreamTable };

/**
 * By their title: each suite of the clients over the client that runs on AWS. What the client needs there is made by
 * the calls that make it in a deployment, unless it is there.
 */
const SUITES: Record<string, (aws: () => AwsUnderTest) => void> = {
  "the registry in DynamoDB": over(registrySuite, async ({ place }) => {
    const client = new DynamoDBClient(place);
    await createInstanceTable(client, await keyNamed(new KMSClient(place), NAMES.tableKey, "SYMMETRIC_DEFAULT"));
    return dynamoRegistry(client, NAMES.instanceTable);
  }),

  "the vault in KMS": over(vaultSuite, async ({ place }) => {
    const client = new KMSClient(place);
    await keyNamed(client, NAMES.keyMaterialKey, "SYMMETRIC_DEFAULT");
    return kmsVault(client, NAMES.keyMaterialKey);
  }),

  "the nonces from KMS": over(noncesSuite, async ({ place }) => {
    const client = new KMSClient(place);
    await keyNamed(client, NAMES.nonceKey, "HMAC_256");
    return kmsNonces(client, NAMES.nonceKey);
  }),

  "the audit in DynamoDB": over(auditSuite, async ({ place }) => {
    const client = new DynamoDBClient(place);
    await createAuditTable(client, await keyNamed(new KMSClient(place), NAMES.tableKey, "SYMMETRIC_DEFAULT"));
    return dynamoAudit(client, NAMES.auditTable);
  }),

  "the findings in DynamoDB": over(findingsSuite, async ({ place }) => {
    const client = new DynamoDBClient(place);
    await createFindingTable(client, await keyNamed(new KMSClient(place), NAMES.tableKey, "SYMMETRIC_DEFAULT"));
    return dynamoFindings(client, NAMES.findingTable);
  }),

  "the tickets in DynamoDB": over(ticketsSuite, async ({ place }) => {
    const client = new DynamoDBClient(place);
    await createTicketTable(client, await keyNamed(new KMSClient(place), NAMES.tableKey, "SYMMETRIC_DEFAULT"));
    const owner = { partition: "aws", account: "000000000000", region: await client.config.region() };
    const put: TicketPlace["put"] = async (ec2InstanceId, id, attributes) => {
      const key = {
        [TICKETS.partitionKey.name]: { S: instanceArn(owner, ec2InstanceId) },
        [TICKETS.sortKey.name]: { S: id },
      };
      await client.send(new PutItemCommand({ TableName: NAMES.ticketTable, Item: { ...key, ...attributes } }));
    };
    return { tickets: dynamoTickets(client, { table: NAMES.ticketTable, ...owner }), put };
  }),

  "the bus in EventBridge": over(busSuite, async ({ place, hear }) => {
    const client = new EventBridgeClient(place);
    await createBus(client);
    return { bus: eventBridgeBus(client, NAMES.eventBus), received: await hear(NAMES.eventBus) };
  }),

  "mail through SNS": over(mailSuite, async ({ place, subscribe }) => {
    const client = new SNSClient(place);
    const { TopicArn = "" } = await client.send(new CreateTopicCommand({ Name: NAMES.alertTopic }));
    return { mail: snsMail(client, TopicArn), received: await subscribe(TopicArn) };
  }),

  "hosts in EC2": over(hostsSuite, async ({ place, launch }) => {
    const client = new EC2Client(place);
    const ids = await hostsOfEachState(client, await launch(3));
    const others = ec2Hosts(client, { key: "keyturn", value: "nobody" });
    return { hosts: ec2Hosts(client, INSTANCE_TAG), ids, without: "i-0fedcba9876543210", others };
  }),

  "the time series in Timestream": over(timeSeriesSuite, async ({ place }) => {
    const timeSeries = timestreamSeries(new TimestreamQueryClient(place), SAMPLES);
    return { timeSeries, write: timestreamWriter(place, SAMPLES) };
  }),

  "the time series in DynamoDB": over(timeSeriesSuite, async ({ place }) => {
    const { client, table, write } = await seriesTable(place);
    return { timeSeries: dynamoSeries(client, table), write };
  }),

  "the time series in both stores": over(timeSeriesSuite, async ({ place }) => {
    const { client, table, write } = await seriesTable(place);
    return inBoth(
      { timeSeries: dynamoSeries(client, table), write },
      {
        timeSeries: timestreamSeries(new TimestreamQueryClient(place), SAMPLES),
        write: timestreamWriter(place, SAMPLES),
      },
    );
  }),

  "the uses in Timestream": (aws) =>
    usesSuite((most) => {
      const { place } = aws();
      const uses = timestreamUses(new TimestreamQueryClient(place), SAMPLES, most);
      return { uses, write: timestreamUseWriter(place, SAMPLES) };
    }),

  "the uses in DynamoDB": (aws) =>
    usesSuite(async (most) => {
      const { client, table, writeUse } = await seriesTable(aws().place);
      return { uses: dynamoUses(client, table, most), write: writeUse };
    }),

  "the uses in both stores": (aws) =>
    usesSuite(async (most) => {
      const { place } = aws();
      const { client, table, writeUse } = await seriesTable(place);
      return usesHalfInEach(
        { uses: dynamoUses(client, table, most), write: writeUse },
        {
          uses: timestreamUses(new TimestreamQueryClient(place), SAMPLES, most),
          write: timestreamUseWriter(place, SAMPLES),
        },
      );
    }),

  "the records of credentials in DynamoDB": over(credentialsSuite, async ({ place }) => {
    const client = new DynamoDBClient(place);
    await createInstanceTable(client, await keyNamed(new KMSClient(place), NAMES.tableKey, "SYMMETRIC_DEFAULT"));
    return {
      credentials: dynamoCredentials(client, NAMES.instanceTable),
      registry: dynamoRegistry(client, NAMES.instanceTable),
    };
  }),

  "tasks in Step Functions": over(executionsSuite, async ({ place, waiting }) => {
    const client = sfnClient(place);
    const { flowArn, ...seen } = await waitingFlow(client, await waiting());
    return {
      executions: sfnExecutions(client, {
        ...{ rotation: flowArn, "fleet-rotation": flowArn, credential: flowArn, "exposed-key": flowArn },
      }),
      ...seen,
    };
  }),

  "registrations in Step Functions": over(registrationsSuite, async ({ place }) => {
    const client = sfnClient(place);
    return sfnRegistrations(client, await answeringFlow(client));
  }),

  "access keys in IAM": over(accessKeysSuite, async ({ place }) => {
    const [iam, sts] = [new IAMClient(place), new STSClient(place)];
    const { Account: account = "" } = await sts.send(new GetCallerIdentityCommand({}));
    return {
      accessKeys: iamAccessKeys({ iam, sts, account }),
      addUser: (name, keys) => userWithKeys(iam, name, keys),
      async attach(UserName, policy) {
        await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: `arn:aws:iam::aws:policy/${policy}` }));
      },
      async deniedUntil(UserName) {
        try {
          const asked = new GetUserPolicyCommand({ UserName, PolicyName: DENY_SESSIONS_POLICY });
          const { PolicyDocument = "" } = await iam.send(asked);
          const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument));
          return Date.parse(Statement[0].Condition.DateLessThan["aws:TokenIssueTime"]);
        } catch (error) {
          if (error instanceof NoSuchEntityException) return undefined;
          throw error;
        }
      },
      unknown: keyIdOf(account),
      foreign: { accessKeyId: keyIdOf("111122223333"), account: "111122223333" },
    };
  }),

  "the trail in CloudTrail": over(trailSuite, async ({ place }) => {
    const iam = new IAMClient(place);
    let users = 0;
    /** STS, called with a key that nothing else was called with. */
    async function caller() {
      users += 1;
      const UserName = `caller-${users}`;
      await iam.send(new CreateUserCommand({ UserName }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
      const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "" } = AccessKey ?? {};
      return { accessKeyId, sts: new STSClient({ ...place, credentials: { accessKeyId, secretAccessKey } }) };
    }
    return {
      trail: cloudTrail((region) => new CloudTrailClient({ ...place, region })),
      region: place.region,
      async call(count) {
        const { accessKeyId, sts } = await caller();
        for (let n = 0; n < count; n += 1) await sts.send(new GetCallerIdentityCommand({}));
        return { accessKeyId, source: "sts.amazonaws.com", name: "GetCallerIdentity" };
      },
    };
  }),

  "commands in SSM": over(commandsSuite, async ({ commands }) => {
    const { place, agentAnswers } = await commands();
    return { commands: ssmCommands(new SSMClient(place), NAMES.pushDocument), agentAnswers };
  }),
};

/** A user with so many keys: their IDs. */
async function userWithKeys(iam: IAMClient, UserName: string, keys: number): Promise<string[]> {
  await iam.send(new CreateUserCommand({ UserName }));
  const ids: string[] = [];
  for (let n = 0; n < keys; n += 1) {
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    ids.push(AccessKey?.AccessKeyId ?? "");
  }
  return ids;
}

/** The ID of a key of an account that was never issued: after `AKIA` stand, in base 32, a bit, the account, and chance. */
function keyIdOf(account: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = (1n << 79n) | (BigInt(account) << 39n) | 17n;
  const at = (place: number) => letters.charAt(Number((bits >> BigInt(5 * place)) & 31n));
  return `AKIA${Array.from({ length: 16 }, (_, n) => at(15 - n)).join("")}`;
}

/** Runs every suite over one AWS, which must be up when the first test begins. */
export function suitesOverAws(aws: () => AwsUnderTest): void {
  for (const [title, run] of Object.entries(SUITES)) describe(title, () => run(aws));
}

function over<Made>(suite: (make: () => Promise<Made>) => void, make: (aws: AwsUnderTest) => Promise<Made>) {
  return (aws: () => AwsUnderTest) => suite(() => make(aws()));
}
