import { EXIT, type ExitCode, Stopped, Unseen } from "./exits.ts";
import { isThrottling, isTimeout, unreachedBy } from "./place/errors.ts";
import type { Place } from "./place/place.ts";

/** What a command was about when it failed. */
export interface Attempt {
  command: string;
  place: Place | undefined;
  /** The policy for people that has what the command needs; undefined where it needs nothing of AWS. */
  policy: string | undefined;
}

export interface Failure {
  code: ExitCode;
  /** What is wrong, where, and what to do. */
  message: string;
}

/** By which AWS says that credentials count for nothing, or count no more. */
const REFUSED = [
  ...["UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch"],
  ...["MissingAuthenticationToken", "MissingAuthenticationTokenException", "AuthFailure", "IncompleteSignature"],
];
const EXPIRED = ["ExpiredToken", "ExpiredTokenException"];
const SKEWED = ["RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"];
const DENIED = [
  ...["AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"],
  ...["UnauthorizedOperation", "NotAuthorized", "NotAuthorizedException", "OptInRequired"],
];
/** By which DynamoDB, Step Functions, EventBridge and SNS say that there is no such thing there. */
const NOT_THERE = ["ResourceNotFoundException", "StateMachineDoesNotExist", "NotFound", "NotFoundException"];

const GIVE_SOME =
  "give some as for the AWS CLI (AWS_PROFILE, --profile, aws sso login); `aws sts get-caller-identity` says whose they are";

/** Whatever went wrong, as a person reads it. No stack, whatever it is. */
export function failureOf(error: unknown, attempt: Attempt): Failure {
  if (error instanceof Stopped) return { code: error.code, message: error.message };
  if (error instanceof Unseen) {
    const { message } = failureOf(error.cause, attempt);
    return failed(
      `It was started, and goes on without this command: do not start it again. How it goes cannot be seen: ${message} Execution: ${error.execution}`,
    );
  }
  if (!(error instanceof Error)) return unforeseen(String(error), attempt);
  const { place } = attempt;
  return (
    ofNpmStart(error, place) ??
    ofSettings(error, place) ??
    ofCredentials(error, place) ??
    ofRights(error, attempt) ??
    ofNetwork(error, place) ??
    ofAws(error, place) ??
    unforeseen(`${error.name}: ${sentenceOf(error)}`, attempt)
  );
}

const failed = (message: string): Failure => ({ code: EXIT.failed, message });
const nowhere = (message: string): Failure => ({ code: EXIT.nowhere, message });
const whereOf = (place: Place | undefined) => place?.said ?? "here";

/** Beside `npm start` it is no matter of networks or accounts. */
function ofNpmStart(error: Error, place: Place | undefined): Failure | undefined {
  const running = place?.running;
  if (running === undefined || (unreachedBy(error) === undefined && !isTimeout(error))) return undefined;
  return nowhere(
    `The npm start of ${place?.data} does not answer at ${running.endpoint} (process ${running.pid}): it is ending, or was killed. Start it again, or say --aws for an account.`,
  );
}

function ofSettings(error: Error, place: Place | undefined): Failure | undefined {
  const said = sentenceOf(error);
  if (/Region is missing/i.test(said)) {
    return nowhere(
      "In which Region? Say it by --region, or as for the AWS CLI, e.g. by AWS_REGION=eu-west-1. For a fleet on this computer, have npm start run.",
    );
  }
  if (/Region not accepted/i.test(said))
    return nowhere(`There is no Region ${place?.region}: look at --region and AWS_REGION.`);
  if ("code" in error && error.code === "ERR_INVALID_URL") {
    return nowhere(
      "An endpoint that is set for AWS is no URL, e.g. https://localhost:4510: look at AWS_ENDPOINT_URL, and its like for single services, in the environment and in ~/.aws/config.",
    );
  }
  return undefined;
}

function ofCredentials(error: Error, place: Place | undefined): Failure | undefined {
  const { name } = error;
  const said = sentenceOf(error);
  if (SKEWED.includes(name) || /Signature (expired|not yet current)/.test(said)) {
    return nowhere(`AWS takes no request of this computer, whose clock is wrong (${said}). Set it, and try again.`);
  }
  if (EXPIRED.includes(name) || /\b(SSO )?(session|token)\b.* (has |is )?expired/i.test(said)) {
    return nowhere(`The credentials have expired (${said}). Sign in again, as for the AWS CLI, e.g. by aws sso login.`);
  }
  if (REFUSED.includes(name)) return nowhere(`AWS does not take the credentials (${said}): ${GIVE_SOME}.`);
  if (!["CredentialsProviderError", "TokenProviderError"].includes(name)) return undefined;
  if (place?.profile !== undefined) {
    return nowhere(
      `The profile ${place.profile} gives no credentials (${said}). Look at --profile, and at ~/.aws/config.`,
    );
  }
  return nowhere(`There are no credentials (${said}): ${GIVE_SOME}. For a fleet on this computer, have npm start run.`);
}

function ofRights(error: Error, { command, place, policy }: Attempt): Failure | undefined {
  if (!DENIED.includes(error.name)) return undefined;
  const said = sentenceOf(error).replace(/ Encoded authorization failure message: .*/, "");
  if (place === undefined || policy === undefined) return failed(`AWS denies it: ${said}.`);
  // The denial names the resource, and so the Region, where the SDK has found it by itself.
  const region = place.region ?? /arn:[\w-]+:\w+:([a-z]{2,}-[a-z-]+-\d):/.exec(said)?.[1] ?? "REGION";
  const name = `${place.prefix}-${policy}-${region}`;
  return failed(
    `AWS denies it: ${said}. keyturn ${command} needs the managed policy ${name} of the stack ${place.stack}: have it attached to your role or user.`,
  );
}

function ofNetwork(error: Error, place: Place | undefined): Failure | undefined {
  const where = whereOf(place);
  const said = sentenceOf(error);
  if (isTimeout(error)) {
    return failed(
      `AWS does not answer in time, ${where}. Look at the network, proxies and VPC endpoints, and try again.`,
    );
  }
  const code = unreachedBy(error);
  if (code === undefined) return undefined;
  if (/CERT|ERR_TLS|EPROTO/.test(code)) {
    return failed(
      `What answers in place of AWS has not its certificate, ${where}: ${said}. Where a proxy looks into the traffic, name its authority by NODE_EXTRA_CA_CERTS.`,
    );
  }
  const also = ["ENOTFOUND", "EAI_AGAIN"].includes(code) ? " There may be no such Region." : "";
  return failed(`AWS cannot be reached, ${where}: ${said}.${also} Look at the network, --region and AWS_ENDPOINT_URL.`);
}

function ofAws(error: Error, place: Place | undefined): Failure | undefined {
  const { name } = error;
  const where = whereOf(place);
  const said = sentenceOf(error);
  if (NOT_THERE.includes(name)) {
    return nowhere(
      `There is no Keyturn ${where}: ${said}. Look at --region, --profile and --stack; or deploy it there.`,
    );
  }
  if (isThrottling(error)) {
    return failed(
      `AWS throttles this account, and did so until it was given up (${said}). Try again later, or for less at once.`,
    );
  }
  // The SDK calls so what has an HTTP status of an error, and nothing of AWS's in it.
  if (error instanceof SyntaxError || name === "Unknown" || /Deserialization error/.test(error.message)) {
    return failed(
      `What answers is not AWS, ${where}: its answer cannot be read. A proxy, or the sign-in page of a network? Look at the network, and at AWS_ENDPOINT_URL.`,
    );
  }
  if ("$metadata" in error)
    return failed(
      `AWS answers ${name}, ${where}: ${said}. Try again; if it stays, AWS's support knows it by its name.`,
    );
  return undefined;
}

function unforeseen(said: string, { command }: Attempt): Failure {
  return failed(`keyturn ${command} failed on something that was not foreseen: ${said}. Please report it.`);
}

/** The first line of what an error says, without a full stop; of one that says nothing, its name. */
function sentenceOf(error: Error): string {
  const [first = ""] = (error.message || ("code" in error ? String(error.code) : error.name)).split("\n");
  return first.replace(/\.$/, "");
}
