import type { CallContext, RawRequest, RawResponse } from "../http/service.ts";
import type { Invocation } from "../parts.ts";
import { ACCOUNT } from "../place.ts";
import { REQUEST_LIMIT } from "./definition.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Content types whose body a function is given as it is; that of any other comes in base64. */
const TEXT = /^(?:text\/.*|application\/(?:.*\+)?(?:json|xml)|application\/javascript)\s*(?:;|$)/i;

/** What a call of a function's URL asks of Lambda. */
interface Functions {
  has(name: string): boolean;
  invoke(name: string, payload: unknown, requestId: string): Promise<Invocation>;
}

/**
 * Answers a call of a function's URL, `/_function-url/<function>/<path>`, with the payload format 2.0. Who calls was
 * checked by the server; a function whose URL is called must be known to exist.
 */
export async function handleFunctionUrl(
  functions: Functions,
  request: RawRequest,
  context: CallContext,
  now: number,
): Promise<RawResponse> {
  const url = new URL(request.url, "http://127.0.0.1");
  const name = url.pathname.split("/")[2] ?? "";
  if (!functions.has(name)) return refusal(404, "Not Found");
  const event = eventOf(request, context, { name, url, now });
  if (Buffer.byteLength(JSON.stringify(event)) > REQUEST_LIMIT) return refusal(413, "Request Entity Too Large");
  const invocation = await functions.invoke(name, event, context.requestId);
  return (invocation.ok ? responseOf(invocation.payload) : undefined) ?? refusal(502, "Internal Server Error");
}

function eventOf(
  request: RawRequest,
  { principal, requestId }: CallContext,
  { name, url, now }: { name: string; url: URL; now: number },
): object {
  const contentType = request.headers["content-type"] ?? "";
  const isBase64Encoded = request.body.length > 0 && !TEXT.test(contentType);
  const rawPath = `/${url.pathname.split("/").slice(3).join("/")}`;
  // What the caller signed with stays here: a function has no use for it, and must not log it.
  const { authorization, "x-amz-security-token": sessionToken, ...headers } = request.headers;
  const query = Array.from(new Set(url.searchParams.keys()), (key) => [key, url.searchParams.getAll(key).join(",")]);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: url.search.slice(1),
    headers,
    ...(query.length > 0 && { queryStringParameters: Object.fromEntries(query) }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: name,
      authentication: null,
      authorizer: {
        iam: {
          accessKey: accessKeyOf(request),
          accountId: ACCOUNT,
          callerId: principal.userId,
          cognitoIdentity: null,
          principalOrgId: null,
          userArn: principal.arn,
          userId: principal.userId,
        },
      },
      domainName: request.headers.host ?? "",
      domainPrefix: name,
      http: {
        method: request.method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(request.body.length > 0 && { body: request.body.toString(isBase64Encoded ? "base64" : "utf8") }),
    isBase64Encoded,
  };
}

/** What a handler returns, as HTTP: `{ statusCode, headers, body }`, or any JSON as the body of a 200. */
function responseOf(result: unknown): RawResponse | undefined {
  const json = { "content-type": "application/json" };
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    return { status: 200, headers: json, body: JSON.stringify(result) };
  }
  const { statusCode, headers = {}, body = "", isBase64Encoded } = result as Record<string, unknown>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599 || typeof body !== "string") return undefined;
  const given = Object.entries(headers as object).map(([key, value]) => [key.toLowerCase(), String(value)]);
  return {
    status,
    headers: { ...json, ...Object.fromEntries(given) },
    body: isBase64Encoded === true ? Buffer.from(body, "base64") : body,
  };
}

function refusal(status: number, message: string): RawResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify({ Message: message }) };
}

/** The access key ID in the signature that the server has checked. */
function accessKeyOf(request: RawRequest): string {
  return /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

/** e.g. `20/Nov/2026:09:05:01 +0000` */
function commonLogTime(ms: number): string {
  const time = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(time.getUTCDate())}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  return `${day}:${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} +0000`;
}
