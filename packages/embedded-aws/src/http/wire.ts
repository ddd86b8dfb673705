import { readJson, readTarget, writeJson, writeJsonError } from "./json.ts";
import { readQuery } from "./query.ts";
import type { AwsError, RawRequest, RawResponse, RawService, Service } from "./service.ts";
import { writeEc2, writeQuery, writeQueryError } from "./xml.ts";

/** What a service says on the wire: its requests read, its results and errors written. */
export interface Wire {
  /** @throws Refusal malformed */
  read(request: RawRequest): { operation: string; input: unknown };
  result(operation: string, output: unknown, requestId: string): RawResponse;
  error(error: AwsError, requestId: string): RawResponse;
}

/** The wire protocol of `service`; without one, JSON, in which AWS refuses what it cannot place. */
export function wireOf(service: Service | RawService | undefined): Wire {
  if (service === undefined || "handle" in service) return jsonWire("1.0");
  const { protocol } = service;
  if (protocol.kind === "json") return jsonWire(protocol.version);
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
