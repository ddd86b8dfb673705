import type { Quotas } from "../../operator/doctor/quotas.aws.ts";
import type { SeriesStore } from "../../protocol/index.ts";
import type { Place } from "../context-keys.ts";

/** A stack of CloudFormation, as far as it tells what a deployment may do. */
export interface Stack {
  /** E.g. `CREATE_COMPLETE`. */
  status: string;
  /** Where the samples of its fleet go; undefined while it has not come so far. */
  timeSeries: SeriesStore | undefined;
  /** It is somebody else's, which only has this name. */
  isForeign?: true;
}

/** A role, as far as it tells who may speak as an instance. */
export interface Role {
  /** Its unique ID: AROA… */
  id: string;
  /** With its path, if it has one. */
  arn: string;
  trust: TrustPolicy;
}

export interface TrustPolicy {
  Statement?: TrustStatement | TrustStatement[];
}

export interface TrustStatement {
  Effect: "Allow" | "Deny";
  Principal?: "*" | Record<string, string | string[]>;
}

/** A secret in Secrets Manager, as far as it tells whose it is. */
export interface Secret {
  /** It can be restored yet, and its name is taken. */
  isDeleted: boolean;
  /** Which stack has made it, or made it once, and under which name in the template; undefined where none is known to have. */
  stack: string | undefined;
  logicalId: string | undefined;
}

/**
 * What AWS says of the account and Region that one deploys into. Each question throws what AWS answers when it may not be
 * asked, or cannot be.
 */
export interface Account extends Quotas {
  /** @throws when AWS does not know who asks, or cannot be reached */
  place(): Promise<Place>;

  /** The stack of a name; undefined when there is none, and when one was only planned. */
  stack(name: string): Promise<Stack | undefined>;

  /** Whether the account can have Timestream for LiveAnalytics. */
  canHaveTimestream(): Promise<boolean>;

  /** Whether CDK's own stack is there, with that qualifier. */
  isBootstrapped(qualifier: string): Promise<boolean>;

  /** Of these aliases (`alias/…`) of KMS those that are taken, each with the ID of its key. */
  aliases(names: readonly string[]): Promise<Map<string, string>>;

  /** By description, the IDs of the account's keys that have one of these, and are not about to be deleted. */
  keysDescribed(descriptions: readonly string[]): Promise<Map<string, string[]>>;

  hasTable(name: string): Promise<boolean>;

  hasLogGroup(name: string): Promise<boolean>;

  /** Whether there is a VPC of that ID, or, for `default`, one that is the default. */
  hasVpc(id: string): Promise<boolean>;

  /** Of these IDs of subnets those that there are, each with the ID of its VPC. */
  subnets(ids: readonly string[]): Promise<Map<string, string>>;

  /** Of these IDs of security groups those that there are. */
  securityGroups(ids: readonly string[]): Promise<Set<string>>;

  /**
   * Undefined when there is no such secret.
   *
   * @param secret its name or ARN
   */
  secret(secret: string): Promise<Secret | undefined>;

  /**
   * What the current value of a secret has that is a text and not empty, by the names of its fields; the values stay where they
   * are. None for a value that is no JSON object, and where there is no secret or no value.
   *
   * @param secret its name or ARN
   */
  textFields(secret: string): Promise<Set<string>>;

  /**
   * Whether the current values of two secrets have the same text in a field; the values stay where they are. Not so where one of
   * them has none.
   *
   * @param secrets their names or ARNs
   */
  haveSameText(field: string, secrets: readonly [string, string]): Promise<boolean>;

  /** Undefined when there is no role of that name. */
  role(name: string): Promise<Role | undefined>;

  /** Whether there is a managed policy of the account's own of that name. */
  hasPolicy(name: string): Promise<boolean>;
}
