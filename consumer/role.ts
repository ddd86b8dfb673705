import { isRoleArn } from "../protocol/index.ts";
import { Failure } from "./failure.ts";
import type { WriterIdentity } from "./writer-place.ts";

/**
 * Who a program is that runs on no EC2 instance, on Lambda or Fargate, say, and writes with the credentials of a role: AWS lets
 * it write under that role's ARN, and nowhere else.
 *
 * @param role.roleArn e.g. `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`, path included, which the caller's own ARN does not show;
 *   unless said, what the variable KEYTURN_ROLE_ARN says
 * @param role.region unless said, what AWS_REGION says
 * @returns a function that gives it. It throws a Failure where the ARN or the Region is missing or malformed
 */
export function roleIdentity(role: { roleArn?: string | undefined; region?: string | undefined } = {}) {
  return async (): Promise<WriterIdentity> => {
    const { roleArn = process.env.KEYTURN_ROLE_ARN, region = process.env.AWS_REGION } = role;
    if (!isRoleArn(roleArn))
      throw new Failure("KEYTURN_ROLE_ARN is not the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME.");
    if (!region) throw new Failure("AWS_REGION does not say in which Region the use proofs are written.");
    const [, partition = "", , , account = ""] = roleArn.split(":");
    return { role: roleArn, partition, region, account };
  };
}
