import { accessKeyExposed } from "../../events/access-key-exposed.ts";
import { FORMS } from "../../protocol/index.ts";
import { DENY_SESSIONS_POLICY } from "../clients/access-keys.ts";
import { type About, flowBeside } from "./commands.ts";
import type { Typed } from "./typed.ts";

// What is typed about an access key. Whatever others have chosen has its form by then: whoever calls these has looked.

/** The inline policy by which the console of AWS revokes the sessions of a role, under the name that it gives it. */
const REVOKE_POLICY = "AWSRevokeOlderSessions";

/** Others have their command line set to the Region of the fleet, and the flow may be in another one. */
const there = (execution: string) => `--region ${execution.split(":")[3]}`;

/** Has Keyturn shut a key once more, and look at it; undefined where it is not known which. */
export function shutKeyAgain({ accessKeyId, execution }: About): Typed | undefined {
  if (accessKeyId === undefined) return undefined;
  const event = { "detail-type": accessKeyExposed.detailType, source: "by.hand", detail: { accessKeyId } };
  const machine = flowBeside(execution, "exposed-key");
  return {
    aws: `aws stepfunctions start-execution ${there(execution)} --state-machine-arn ${machine} --input '${JSON.stringify(event)}'`,
  };
}

/** Shows who did what with a key, in the Region of the execution; undefined where it is not known which. */
export function lookUpCalls({ accessKeyId, execution }: About): Typed | undefined {
  if (accessKeyId === undefined) return undefined;
  const key = `--lookup-attributes AttributeKey=AccessKeyId,AttributeValue=${accessKeyId}`;
  return { aws: `aws cloudtrail lookup-events ${there(execution)} ${key}` };
}

/** Shows the event that an execution was given. */
export function readEvent({ execution }: About): Typed {
  const asked = `--query input --output text --execution-arn ${execution}`;
  return { aws: `aws stepfunctions describe-execution ${there(execution)} ${asked}` };
}

/** Shows whose account a key is; undefined where it is not known which. */
export function describeKey({ accessKeyId }: About): Typed | undefined {
  if (accessKeyId === undefined) return undefined;
  return { aws: `aws sts get-access-key-info --access-key-id ${accessKeyId}` };
}

/** Shows of which user a key of this account is, and when it was used last. */
export function describeOwner(accessKeyId: string): string {
  return `aws iam get-access-key-last-used --access-key-id ${accessKeyId}`;
}

/** Makes a key of a user inactive, or active again. */
export function setKey(status: "Inactive" | "Active", key: { accessKeyId: string; user: string }): string {
  return `aws iam update-access-key --status ${status} --access-key-id ${key.accessKeyId} ${given("user-name", key.user)}`;
}

/** What undoes what is done to a user and his key; undefined where it is not known which. */
export function undone({ accessKeyId, user }: Pick<About, "accessKeyId" | "user">) {
  if (accessKeyId === undefined || user === undefined) return undefined;
  return {
    activate: setKey("Active", { accessKeyId, user }),
    allowSessions: `aws iam delete-user-policy --policy-name ${DENY_SESSIONS_POLICY} ${given("user-name", user)}`,
  };
}

/** Revokes the sessions of a role that began before it is typed. @param role its ARN, of the right form */
export function revokeSessions(role: string): string {
  const [before, after] = JSON.stringify({
    Version: "2012-10-17",
    Statement: {
      ...{ Effect: "Deny", Action: "*", Resource: "*" },
      Condition: { DateLessThan: { "aws:TokenIssueTime": "|" } },
    },
  }).split("|");
  const name = role.split("/").at(-1) ?? "";
  // The shell puts the moment in, between two texts that it leaves alone.
  return `aws iam put-role-policy ${given("role-name", name)} --policy-name ${REVOKE_POLICY} --policy-document '${before}'$(date -u +%FT%TZ)'${after}'`;
}

/** Whether a role can be altered from the account that an execution runs in. */
export function isRoleBeside(role: string, execution: string): boolean {
  return FORMS.roleArn.test(role) && role.split(":")[4] === execution.split(":")[4];
}

/** A name that begins as an option does would be taken for one. */
function given(option: string, name: string): string {
  return name.startsWith("-") ? `--${option}=${name}` : `--${option} ${name}`;
}
