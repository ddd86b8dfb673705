/** The forms of what stands in messages, as every program that is given one checks them. */
export const FORMS = {
  /** The ID of an instance: 6 lower-case hexadecimal characters. */
  instanceId: /^[0-9a-f]{6}$/,
  /** An ID that EC2 gives: `i-` and 17 (or, from before 2016, 8) lower-case hexadecimal characters. */
  ec2InstanceId: /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  /** Keys, nonces, hashes, proofs, digests and public keys: 64 lower-case hexadecimal characters. */
  hex64: /^[0-9a-f]{64}$/,
  /** A nonce; empty in the compatibility mode without one. */
  nonce: /^(?:[0-9a-f]{64})?$/,
  /** A part of AWS, as it stands at the beginning of every ARN: `aws`, `aws-cn`, `aws-us-gov`. */
  partition: /^aws(?:-[a-z]+)*$/,
  /**
   * The ARN of an IAM role, path included: `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`. IAM lets a path hold more than the letters,
   * digits and `_ + = , . @ -` of a name; here it may not.
   */
  roleArn: /^(?=.{1,640}$)arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
  /** An AWS account: 12 digits. */
  account: /^\d{12}$/,
  /** The name of a table or database of Timestream or DynamoDB. */
  tableName: /^[\w.-]{3,256}$/,
  /** The name of a secret in Secrets Manager. */
  secretName: /^[\w/+=.@-]{1,512}$/,
  /** A version of a secret, as whoever put it named it: Secrets Manager asks for 32 to 64 characters. */
  secretVersion: /^[\x21-\x7e]{32,64}$/,
  /** The name of a consumer of a credential: short enough and plain enough for PostgreSQL's `application_name`. */
  consumer: /^[\w.:@/+=-]{1,63}$/,
  /** A version of Keyturn: three numbers, such as `0.2.0`. */
  version: /^\d{1,6}\.\d{1,6}\.\d{1,6}$/,
} as const;
