import { Refusal } from "./refusals.ts";
import type { CallContext, Question, RawRequest, RawResponse, RawService, Service } from "./service.ts";
import type { Wire } from "./wire.ts";

/** A call that was read and is ready to be done. */
export interface PreparedCall {
  operation: string;
  /** Nothing for a service that reads its requests itself. */
  input?: unknown;
  /** What the caller needs to be allowed. */
  needs(): Promise<readonly Question[]>;
  perform(): Promise<RawResponse>;
}

/**
 * Finds out what a request asks of `service`.
 *
 * @throws Refusal unknownOperation or malformed
 */
export function prepare(
  service: Service | RawService,
  wire: Wire,
  request: RawRequest,
  context: CallContext,
): PreparedCall {
  if ("handle" in service) {
    const operation = rawOperation(service, request);
    return {
      operation,
      needs: async () => (await service.needs?.(operation, request)) ?? onAll(service, operation),
      perform: () => service.handle(request, context),
    };
  }
  const { operation, input } = wire.read(request);
  const run = Object.hasOwn(service.operations, operation) ? service.operations[operation] : undefined;
  if (run === undefined) {
    throw new Refusal(
      "unknownOperation",
      `The embedded AWS does not know ${service.signingName}'s operation '${operation}'.`,
    );
  }
  return {
    operation,
    input,
    needs: async () => service.needs?.(operation, input as never, context) ?? onAll(service, operation),
    perform: async () => wire.result(operation, await run(input as never, context), context.requestId),
  };
}

function onAll({ signingName }: Service | RawService, operation: string): Question[] {
  return [{ action: `${signingName}:${operation}`, resource: "*" }];
}

/** Lambda's own API lies below a date; every other path of it is a function URL. */
function rawOperation(service: RawService, request: RawRequest): string {
  if (service.signingName !== "lambda") return request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
  if (!/^\/20\d\d-\d\d-\d\d\//.test(request.url)) return "InvokeFunctionUrl";
  return /\/invocations(\?|$)/.test(request.url) ? "Invoke" : "FunctionApi";
}
