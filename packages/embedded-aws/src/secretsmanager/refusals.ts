import type { z } from "zod";
import { readInput } from "../http/input.ts";
import { AwsError } from "../http/service.ts";

/** Checks an operation's input, refused in the service's own word. */
export function read<T>(schema: z.ZodType<T>, input: unknown): T {
  return readInput(schema, input, "InvalidParameterException");
}

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

/** What makes no sense as things stand. */
export function invalidRequest(message: string): AwsError {
  return new AwsError("InvalidRequestException", message);
}

/** @param what of what there is none, e.g. `secret value for VersionId: …` */
export function notFound(what: string): AwsError {
  return new AwsError("ResourceNotFoundException", `Secrets Manager can't find the specified ${what}.`);
}

export function tokenInUse(token: string, arn: string): AwsError {
  const message = `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`;
  return new AwsError("ResourceExistsException", message);
}
