import type { Arns } from "./arns.ts";
import type { ResourceStatement } from "./statement.ts";

/**
 * The event bus refuses events of everybody else in the account, whatever their own policies allow: whoever puts
 * "Rotation Requested" on it has a key turned. The account is allowed to first, since no document says that EventBridge
 * takes a policy that only denies; it gives nobody in it a right that he has not by a policy of his own. The senders stand in
 * the denial alone: twice, they would not fit into the policy of a bus.
 *
 * @param everybody the ARN of the account's root user, which stands for all who are in the account
 * @param senders ARNs of the roles and users that may put events; `*` may stand in them
 */
export function busPolicy(
  everybody: string,
  senders: string[],
  { eventBus }: Pick<Arns, "eventBus">,
): [allowed: ResourceStatement, denied: ResourceStatement] {
  const putting = { Action: ["events:PutEvents"], Resource: [eventBus] };
  return [
    { Sid: "Senders", Effect: "Allow", Principal: { AWS: [everybody] }, ...putting },
    {
      Sid: "NobodyElse",
      Effect: "Deny",
      Principal: { AWS: ["*"] },
      ...putting,
      Condition: { ArnNotLike: { "aws:PrincipalArn": senders } },
    },
  ];
}

// CloudWatch mails of alarms. It names no source when it uses the key, so a condition on one would shut it out.
const CLOUD_WATCH = "cloudwatch.amazonaws.com";

/** @param account 12 digits */
export function topicPolicy(account: string, { alertTopic }: Pick<Arns, "alertTopic">): ResourceStatement[] {
  return [
    {
      Sid: "Alarms",
      Effect: "Allow",
      Principal: { Service: [CLOUD_WATCH] },
      Action: ["sns:Publish"],
      Resource: [alertTopic],
      Condition: { StringEquals: { "aws:SourceAccount": account } },
    },
  ];
}

/** Beside what the account gives its own people by their policies. */
export function tableKeyPolicy(): ResourceStatement[] {
  return [
    {
      Sid: "AlertsOfServices",
      Effect: "Allow",
      Principal: { Service: [CLOUD_WATCH] },
      Action: ["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"],
      Resource: ["*"],
    },
  ];
}
