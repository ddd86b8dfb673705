import { type ArnOf, type Arns, secretArnOf } from "./arns.ts";
import { ownPartition, proving, provingThroughKey } from "./instances.ts";
import { allow, type Statement } from "./statement.ts";

/** The role of consumers that run on no instance of the fleet, with what it is given. */
export interface ConsumerRole {
  /** Its name alone, by which IAM knows it in the account. */
  name: string;
  /** With its path, if it has one. It is the partition in which the role's use proofs lie. */
  arn: string;
  /** The ARNs of the secrets that it reads. */
  secrets: string[];
}

/** What rights follow from: which consumers of a secret have a role of their own. */
interface Consumed {
  /** The secret's name. */
  name: string;
  consumers: readonly { role?: string | undefined }[];
}

/**
 * Each role once, whatever the number of secrets that it reads.
 *
 * @param arnOf gives the ARN of a service's resource in the account and Region
 * @param roleArnOf gives that of a role of the account, of its name after its path
 */
export function consumerRolesOf(
  credentials: readonly Consumed[],
  arnOf: ArnOf,
  roleArnOf: (role: string) => string,
): ConsumerRole[] {
  const roles = new Map<string, ConsumerRole>();
  for (const { name: secret, consumers } of credentials) {
    for (const { role } of consumers) {
      if (role === undefined) continue;
      const arn = /^arn:/.test(role) ? role : roleArnOf(role);
      const name = role.slice(role.lastIndexOf("/") + 1);
      const known = roles.get(name)?.secrets ?? [];
      roles.set(name, { name, arn, secrets: [...new Set([...known, secretArnOf(arnOf, secret)])] });
    }
  }
  return [...roles.values()];
}

/** What such a role is given: to read its secrets, and to write use proofs into its own partition and no other. */
export function consumerRights({ arn, secrets }: ConsumerRole, arns: Pick<Arns, "series" | "tableKey" | "service">) {
  const reading: Statement = { Sid: "ReadCredentials", ...allow(["secretsmanager:GetSecretValue"], secrets) };
  return [reading, ...proving(arns, ownPartition(arn)), ...provingThroughKey(arns)];
}
