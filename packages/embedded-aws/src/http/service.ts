import type { Context } from "../iam/condition.ts";
import type { CompiledStatement } from "../iam/statement.ts";

/** Who signed a call, or on whose behalf a flow (`states`), a rule (`events`) or a service does something. */
export interface Principal {
  kind: "operator" | "user" | "lambda" | "instance" | "states" | "events" | "service";
  /** As AWS writes it, e.g. `arn:aws:sts::000000000000:assumed-role/Instance/i-…`; a service's is `events.amazonaws.com`. */
  arn: string;
  /** As IAM writes it: for a role `AROA…:session name`. */
  userId: string;
  /** When the temporary credentials that he signs with were issued, in milliseconds since 1970; none has a long-term key. */
  issuedAt?: number;
}

/** What a service is told of a call besides its input. */
export interface CallContext {
  principal: Principal;
  requestId: string;
}

/** What somebody needs to be allowed. */
export interface Question {
  /** e.g. `dynamodb:PutItem` */
  action: string;
  /** An ARN, or `*` where AWS knows nothing narrower. */
  resource: string;
  /** The condition keys that this is about; those of the principal come by themselves. */
  context?: Context;
  /** The resource's own policy. */
  policy?: readonly CompiledStatement[];
  /** Whether the resource's policy must allow it, or leave it to the account, as that of a KMS key. */
  alone?: boolean;
  /** The code of the refusal, where it is not that of the service, and its HTTP status, where that is not 400. */
  code?: string;
  status?: number;
}

/** One operation of an AWS API: its input and output are the members that the AWS SDK shows for it. */
export type Operation = (input: never, context: CallContext) => unknown;

/**
 * One AWS service. The server decodes the wire protocol, checks the signature, looks the operation up and encodes what
 * it returns or throws.
 */
export interface Service {
  /** The name in the signature's scope, e.g. `states`. */
  signingName: string;
  /**
   * `json`: target in `X-Amz-Target`, JSON both ways. Timestamps come in as seconds since 1970 and blobs as base64 text;
   * a `Date` or `Uint8Array` that an operation returns is written that way.
   *
   * `query`: form fields in, XML out. Every value comes in as text. What an operation returns: an array is a list, a
   * `Map` a map, a plain object a structure. EC2 has a dialect of its own.
   *
   * `rest`: methods and paths, which the service reads itself, and JSON as above out.
   */
  protocol:
    | { kind: "json"; version: "1.0" | "1.1" }
    | { kind: "query"; xmlns: string; dialect?: "ec2" }
    | { kind: "rest"; read(request: RawRequest): { operation: string; input: unknown } };
  operations: Record<string, Operation>;
  /** What a call needs to be allowed; without an answer, the action of the operation's name on `*`. */
  needs?(operation: string, input: never, context: CallContext): readonly Question[] | undefined;
}

/** An HTTP request after its signature was checked. */
export interface RawRequest {
  method: string;
  /** Path and query as sent. */
  url: string;
  headers: Record<string, string>;
  body: Buffer;
}

export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

/** A service with an HTTP form of its own: DynamoDB (handed on to dynalite) and Lambda's function URLs. */
export interface RawService {
  signingName: string;
  handle(request: RawRequest, context: CallContext): Promise<RawResponse>;
  /** As that of a service whose wire protocol the server decodes. */
  needs?(operation: string, request: RawRequest): Promise<readonly Question[] | undefined>;
}

/** An error in AWS's form. What is not one of these is a defect of the stand-in and is answered as InternalFailure. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error's shape, e.g. `RejectedRecords`. */
  readonly members: Record<string, unknown>;

  constructor(code: string, message: string, status = 400, members: Record<string, unknown> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.members = members;
  }
}
