import { writeCborError } from "./cbor.ts";
import { readJson, readTarget, writeJson, writeJsonError } from "./json.ts";
import { readQuery } from "./query.ts";
import type { Dialect } from "./refusals.ts";
import type { AwsError, RawRequest, RawResponse, RawService, Service } from "./service.ts";
import { writeEc2, writeQuery, writeQueryError, writeS3Error } from "./xml.ts";

/** What a service says on the wire: its requests read, its results and errors written. */
export interface Wire {
  /** @throws Refusal malformed */
  read(request: RawRequest): { operation: string; input: unknown };
  result(operation: string, output: unknown, requestId: string): RawResponse;
  error(error: AwsError, requestId: string): RawResponse;
}

/** The wire protocol of `service`. */
export function wireOf(service: Service | RawService): Wire {
  if ("handle" in service) return jsonWire("1.0");
  const { protocol } = service;
  if (protocol.kind === "json") return jsonWire(protocol.version);
  if (protocol.kind === "rest") return { ...jsonWire("1.1"), read: protocol.read };
  const { xmlns, dialect = "query" } = protocol;
  const write = dialect === "ec2" ? writeEc2 : writeQuery;
  return {
    read: ({ body }) => readQuery(body, dialect),
    result: (operation, output, requestId) => write(operation, output, requestId, xmlns),
    error: (error, requestId) => writeQueryError(error, requestId, xmlns, dialect),
  };
}

function jsonWire(version: "1.0" | "1.1"): Wire {
  return {
    read: (request) => ({ operation: readTarget(request), input: readJson(request.body) }),
    result: (_operation, output) => writeJson(output, version),
    error: (error) => writeJsonError(error, version),
  };
}

/**
 * How somebody is refused who asks for a service that is none of ours, or names none: in the form in which he asks. What
 * XML over paths looks like no request shows: these services are known by their names.
 */
export function strangersWire(
  request: RawRequest,
  name: string | undefined,
): { wire: Pick<Wire, "error">; dialect: Dialect } {
  const { headers, url } = request;
  if (name?.startsWith("s3")) return { wire: { error: writeS3Error }, dialect: "s3" };
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return { wire: { error: writeCborError }, dialect: "rest" };
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  if (isForm || name === "route53" || name === "cloudfront") {
    return { wire: { error: (error, id) => writeQueryError(error, id, "", "query") }, dialect: "query" };
  }
  // Beside a target, only Lambda's paths are sure to be no JSON service's.
  const isRest = headers["x-amz-target"] === undefined && (name !== undefined || LAMBDA_PATHS.test(url));
  return { wire: jsonWire("1.0"), dialect: isRest ? "rest" : "json" };
}

const LAMBDA_PATHS = /^\/(_function-url|2015-03-31)\//;
