import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { onTestFinished } from "vitest";
import { type AwsOptions, startAws } from "../src/index.ts";
import { HandClock } from "./events/harness.ts";

/** What somebody signs with. */
export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export const ALL = { Effect: "Allow", Action: "*", Resource: "*" };

/** An account on a clock that stands until it is moved, closed when the test is over. Over the same folder it goes on. */
export async function startAccount(options: Partial<AwsOptions> & { clock?: HandClock } = {}) {
  const { clock = new HandClock() } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "embedded-aws-"));
  const aws = await startAws({ ...options, folder, clock });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await aws.close();
    isOpen = false;
  };
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The clients of somebody, which sign by the clock that stands. */
  const clientsOf = (credentials: Keys) => {
    const systemClockOffset = { get: () => clock.now() - Date.now(), set: () => undefined };
    const byClock = <C extends { config: object }>(client: C): C => {
      Object.defineProperty(client.config, "systemClockOffset", systemClockOffset);
      return client;
    };
    const config = { endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 };
    return {
      iam: byClock(new IAMClient(config)),
      sts: byClock(new STSClient(config)),
      cloudtrail: byClock(new CloudTrailClient(config)),
      kms: byClock(new KMSClient(config)),
      secrets: byClock(new SecretsManagerClient(config)),
      dynamodb: byClock(new DynamoDBClient(config)),
      ec2: byClock(new EC2Client(config)),
    };
  };
  const operator = clientsOf(aws.credentials);

  /** Puts an inline policy of one statement or several. */
  const allow = (UserName: string, Statement: object | object[], PolicyName = "may") => {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    return operator.iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
  };
  const newKey = async (UserName: string): Promise<Keys> => {
    const { AccessKey } = await operator.iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  };
  /** Makes a user with a key, and what he may do. */
  const newUser = async (UserName: string, Statement?: object | object[]): Promise<Keys> => {
    await operator.iam.send(new CreateUserCommand({ UserName }));
    if (Statement !== undefined) await allow(UserName, Statement);
    return newKey(UserName);
  };
  /** What a user draws for himself. */
  const sessionOf = async (keys: Keys, DurationSeconds?: number): Promise<Keys> => {
    const { Credentials } = await clientsOf(keys).sts.send(new GetSessionTokenCommand({ DurationSeconds }));
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };
  return { aws, clock, folder, operator, clientsOf, allow, newKey, newUser, sessionOf, close };
}
