import { AwsError, type RawService, type Service } from "./service.ts";

/** The ways in which AWS words its refusals: the JSON services, those with paths, the Query services, EC2, and S3. */
export type Dialect = "json" | "rest" | "query" | "ec2" | "s3";

type Form = readonly [code: string, status: number];
/** S3 is none of the services here, and is only told so. */
type Forms = Record<Exclude<Dialect, "s3">, Form> & { s3?: Form };

/** What the server itself refuses, before any service has a say, as each dialect names it. */
const FORMS = {
  missingToken: {
    json: ["MissingAuthenticationTokenException", 400],
    rest: ["MissingAuthenticationTokenException", 403],
    query: ["MissingAuthenticationToken", 403],
    ec2: ["AuthFailure", 401],
  },
  unknownKey: {
    json: ["UnrecognizedClientException", 400],
    rest: ["UnrecognizedClientException", 403],
    query: ["InvalidClientTokenId", 403],
    ec2: ["AuthFailure", 401],
  },
  badSignature: {
    json: ["InvalidSignatureException", 400],
    rest: ["InvalidSignatureException", 403],
    query: ["SignatureDoesNotMatch", 403],
    ec2: ["AuthFailure", 401],
  },
  expired: {
    json: ["InvalidSignatureException", 400],
    rest: ["InvalidSignatureException", 403],
    query: ["SignatureDoesNotMatch", 403],
    ec2: ["RequestExpired", 400],
  },
  expiredToken: {
    json: ["ExpiredTokenException", 400],
    rest: ["ExpiredTokenException", 403],
    query: ["ExpiredToken", 403],
    ec2: ["RequestExpired", 400],
  },
  incompleteSignature: {
    json: ["IncompleteSignatureException", 400],
    rest: ["IncompleteSignatureException", 403],
    query: ["IncompleteSignature", 400],
    ec2: ["IncompleteSignature", 400],
  },
  denied: {
    json: ["AccessDeniedException", 400],
    rest: ["AccessDeniedException", 403],
    query: ["AuthorizationError", 403],
    ec2: ["UnauthorizedOperation", 403],
  },
  unknownOperation: {
    json: ["UnknownOperationException", 400],
    rest: ["UnknownOperationException", 404],
    query: ["InvalidAction", 400],
    ec2: ["InvalidAction", 400],
    // No 404: who asks by HEAD sees the status alone, and would take the object to be missing.
    s3: ["NotImplemented", 501],
  },
  malformed: {
    json: ["SerializationException", 400],
    rest: ["SerializationException", 400],
    query: ["MalformedQueryString", 400],
    ec2: ["MalformedQueryString", 400],
  },
  tooLarge: {
    json: ["RequestEntityTooLargeException", 413],
    rest: ["RequestEntityTooLargeException", 413],
    query: ["RequestEntityTooLarge", 413],
    ec2: ["RequestEntityTooLarge", 413],
  },
  throttled: {
    json: ["ThrottlingException", 400],
    rest: ["TooManyRequestsException", 429],
    query: ["Throttling", 400],
    ec2: ["RequestLimitExceeded", 503],
  },
  defect: {
    json: ["InternalFailure", 500],
    rest: ["ServiceException", 500],
    query: ["InternalFailure", 500],
    ec2: ["InternalError", 500],
  },
} satisfies Record<string, Forms>;

export type RefusalKind = keyof typeof FORMS;

/** A call that the server refuses, before it is known in which dialect it is to be told. */
export class Refusal extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.name = "Refusal";
    this.kind = kind;
  }

  /** The same as the error that AWS gives in `dialect`. */
  in(dialect: Dialect): AwsError {
    const forms: Forms = FORMS[this.kind];
    const [code, status] = forms[dialect] ?? forms.rest;
    const lead =
      this.kind === "denied" && dialect === "ec2" ? "You are not authorized to perform this operation. " : "";
    return new AwsError(code, lead + this.message, status);
  }
}

/** The dialect in which `service` is to be refused. */
export function dialectOf(service: Service | RawService): Dialect {
  if ("handle" in service) return service.signingName === "lambda" ? "rest" : "json";
  if (service.protocol.kind !== "query") return service.protocol.kind;
  return service.protocol.dialect ?? "query";
}
