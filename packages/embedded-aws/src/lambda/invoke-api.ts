import { AwsError, type CallContext, type RawRequest, type RawResponse } from "../http/service.ts";
import type { Invocation } from "../parts.ts";

/** The path of Invoke, with the function's name in it. */
export const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations(?:\?|$)/;

/** What `Invoke` asks of Lambda. */
interface Functions {
  invoke(name: string, payload: unknown, requestId: string): Promise<Invocation>;
  invokeAsync(name: string, payload: unknown, requestId: string): void;
}

/**
 * Answers `Invoke`, the one operation of Lambda's API that is known here.
 *
 * @throws AwsError UnknownOperationException for any other, and as Invoke does
 */
export async function handleInvoke(
  functions: Functions,
  request: RawRequest,
  context: CallContext,
  log: (sentence: string) => void,
): Promise<RawResponse> {
  const [path = "", query] = request.url.split("?");
  const name = request.method === "POST" ? INVOCATIONS.exec(path)?.[1] : undefined;
  if (name === undefined) {
    log(`Lambda was asked for ${request.method} ${path}, which is not known here.`);
    throw new AwsError("UnknownOperationException", "The embedded AWS knows only Lambda's Invoke.", 404);
  }
  const { "x-amz-log-type": logs = "None", "x-amz-client-context": clientContext } = request.headers;
  const asked = {
    LogType: logs !== "None",
    ClientContext: clientContext !== undefined,
    Qualifier: query !== undefined,
  };
  const unknown = Object.entries(asked).find(([, isAsked]) => isAsked)?.[0];
  if (unknown !== undefined) {
    log(`A call of Invoke was refused because the embedded AWS does not know its parameter ${unknown}.`);
    throw new AwsError("InvalidParameterValueException", `The embedded AWS does not know the parameter ${unknown}.`);
  }
  return invoke(functions, decodeURIComponent(name), request, context);
}

async function invoke(
  functions: Functions,
  name: string,
  request: RawRequest,
  context: CallContext,
): Promise<RawResponse> {
  const payload = parsed(request.body);
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  if (type === "Event") {
    functions.invokeAsync(name, payload, context.requestId);
    return { status: 202, headers: {}, body: "" };
  }
  if (type !== "RequestResponse") {
    throw new AwsError("InvalidParameterValueException", `The embedded AWS does not know the invocation type ${type}.`);
  }
  const invocation = await functions.invoke(name, payload, context.requestId);
  const headers = { "content-type": "application/json", "x-amz-executed-version": "$LATEST" };
  if (invocation.ok) return { status: 200, headers, body: JSON.stringify(invocation.payload) };
  const { ok, ...error } = invocation;
  return { status: 200, headers: { ...headers, "x-amz-function-error": "Unhandled" }, body: JSON.stringify(error) };
}

function parsed(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    // The parser's message quotes the body, which may hold what must not be repeated.
    throw new AwsError("InvalidRequestContentException", "Could not parse request body into json.");
  }
}
