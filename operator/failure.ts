import { EXIT, type ExitCode, Stopped } from "./exits.ts";
import { isThrottling } from "./place/clients.ts";
import type { Place } from "./place/place.ts";

/** What a command was about when it failed. */
interface Attempt {
  command: string;
  place: Place | undefined;
  /** The managed policy that has what the command needs; undefined where it needs nothing of AWS. */
  policy: string | undefined;
}

export interface Failure {
  code: ExitCode;
  /** What is wrong, where, and what to do. */
  message: string;
}

const NO_CREDENTIALS = [
  ...[
    "CredentialsProviderError",
    "TokenProviderError",
    "ExpiredToken",
    "ExpiredTokenException",
    "UnrecognizedClientException",
  ],
  ...["InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch", "MissingAuthenticationToken"],
  ...["MissingAuthenticationTokenException", "AuthFailure", "RequestExpired"],
];
const DENIED = [
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "AuthorizationErrorException",
  "UnauthorizedOperation",
];
/** By which DynamoDB, Step Functions, EventBridge and SNS say that there is no such thing there. */
const NOT_THERE = ["ResourceNotFoundException", "StateMachineDoesNotExist", "NotFound", "NotFoundException"];
const UNREACHED = [
  "ENOTFOUND",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EPIPE",
];

/** Whatever went wrong, as a person reads it. No stack, whatever it is. */
export function failureOf(error: unknown, attempt: Attempt): Failure {
  if (error instanceof Stopped) return { code: error.code, message: error.message };
  if (!(error instanceof Error)) return unforeseen(String(error), attempt);
  const { name } = error;
  const said = sentenceOf(error);
  const where = attempt.place?.said ?? "here";
  if (NO_CREDENTIALS.includes(name)) {
    return {
      code: EXIT.nowhere,
      message: `There are no credentials that AWS takes (${said}). Give some as for the AWS CLI: AWS_PROFILE, --profile, aws sso login; \`aws sts get-caller-identity\` says whose they are.`,
    };
  }
  if (/Region is missing/i.test(said)) {
    return {
      code: EXIT.nowhere,
      message: "In which Region? Say it by --region, or as for the AWS CLI, e.g. by AWS_REGION=eu-west-1.",
    };
  }
  if (NOT_THERE.includes(name)) {
    return {
      code: EXIT.nowhere,
      message: `There is no Keyturn ${where}: ${said}. Look at --region, --profile and --stack; or deploy it there.`,
    };
  }
  if (DENIED.includes(name)) {
    const toHave =
      attempt.policy === undefined
        ? ""
        : ` \`keyturn ${attempt.command}\` needs the managed policy ${attempt.policy} of the stack: have it attached to your role or user.`;
    return { code: EXIT.failed, message: `AWS denies it: ${said}.${toHave}` };
  }
  if (isThrottling(error)) {
    return {
      code: EXIT.failed,
      message: `AWS throttles this account, and did so until it was given up (${said}). Try again later, or for less at once.`,
    };
  }
  if (isUnreached(error)) {
    return {
      code: EXIT.failed,
      message: `AWS cannot be reached ${where}: ${said}. Look at the network, and at the Region.`,
    };
  }
  if ("$metadata" in error) return { code: EXIT.failed, message: `AWS answers ${name}: ${said}.` };
  return unforeseen(`${name}: ${said}`, attempt);
}

function unforeseen(said: string, { command }: Attempt): Failure {
  return {
    code: EXIT.failed,
    message: `keyturn ${command} failed on something that was not foreseen: ${said}. Please report it.`,
  };
}

function isUnreached(error: Error): boolean {
  const codes = [error, ...("errors" in error && Array.isArray(error.errors) ? error.errors : [])].map(
    (one) => one.code,
  );
  return error.name === "TimeoutError" || codes.some((code) => UNREACHED.includes(code));
}

/** The first line of what an error says, without a full stop; of one that says nothing, its name. */
function sentenceOf(error: Error): string {
  const [first = ""] = (error.message || ("code" in error ? String(error.code) : error.name)).split("\n");
  return first.replace(/\.$/, "");
}
