import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  EntityAlreadyExistsException,
  IAMClient,
  ListAccessKeysCommand,
  NoSuchEntityException,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { EmbeddedAws } from "embedded-aws";
import { DENY_SESSIONS_POLICY } from "../../functions/clients/access-keys.ts";
import { unlessThere } from "../unless-there.ts";
import { DEPLOYER } from "./settings.ts";

/** The user by whom the thief means to stay. */
export const LEFT_BEHIND = "backup-agent";

/** What the deployer may do. As often, that is more than he needs. */
const RIGHTS = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["ec2:DescribeInstances", "iam:CreateUser"], Resource: ["*"] }],
};

/** An access key. */
export interface Key {
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * Draws a new access key for the deployer, who is made unless he is there. A user may have two keys: those that he has are
 * deleted, and so is what a thief of one of them has left behind, and what denies the sessions that he drew.
 *
 * @param aws with the credentials of whoever operates it
 */
export async function drawDeployersKey({
  endpoint,
  region,
  credentials,
}: Pick<EmbeddedAws, "endpoint" | "region" | "credentials">): Promise<Key> {
  const iam = new IAMClient({ endpoint, region, credentials });
  const UserName = DEPLOYER;
  try {
    await unlessThere(iam.send(new CreateUserCommand({ UserName })), EntityAlreadyExistsException);
    const PolicyDocument = JSON.stringify(RIGHTS);
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "deploys", PolicyDocument }));
    const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
    for (const { AccessKeyId } of AccessKeyMetadata) {
      await unlessGone(iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId })));
    }
    await unlessGone(iam.send(new DeleteUserCommand({ UserName: LEFT_BEHIND })));
    await unlessGone(iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: DENY_SESSIONS_POLICY })));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  } finally {
    iam.destroy();
  }
}

/** Waits for a deletion, and is content when there is no such thing. */
async function unlessGone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof NoSuchEntityException)) throw error;
  }
}
