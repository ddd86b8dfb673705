import { Refusal } from "./refusals.ts";
import type { AwsError, RawRequest, RawResponse } from "./service.ts";

/** The operation that `X-Amz-Target` (`Prefix.Operation`) names. */
export function readTarget(request: RawRequest): string {
  return request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
}

/** @throws Refusal malformed when the body is no JSON object */
export function readJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  let input: unknown;
  try {
    input = JSON.parse(body.toString());
  } catch {
    // The parser's message quotes the body, which may hold what must not be repeated.
    throw new Refusal("malformed", "The body is not valid JSON.");
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new Refusal("malformed", "The body must be a JSON object.");
  }
  return input;
}

/** An operation's output in AWS's JSON: dates as seconds since 1970, bytes as base64. */
export function writeJson(output: unknown, version: "1.0" | "1.1"): RawResponse {
  const body = JSON.stringify(output ?? {}, function (this: Record<string, unknown>, key, value) {
    // `value` has been through toJSON; the object itself still holds the date or the bytes.
    const original = this[key];
    if (original instanceof Date) return original.getTime() / 1000;
    if (original instanceof Uint8Array) return Buffer.from(original).toString("base64");
    return value;
  });
  return { status: 200, headers: { "content-type": `application/x-amz-json-${version}` }, body };
}

/** An error in AWS's JSON. */
export function writeJsonError(error: AwsError, version: "1.0" | "1.1"): RawResponse {
  const response = writeJson({ __type: error.code, message: error.message, ...error.members }, version);
  return {
    ...response,
    status: error.status,
    headers: { ...response.headers, "x-amzn-errortype": error.code },
  };
}
