import type { AwsError, RawResponse } from "./service.ts";

/** What EC2 calls members on the wire where it is not just the SDK's name with a small first letter. */
const EC2_NAMES: Record<string, string> = {
  Reservations: "reservationSet",
  Instances: "instancesSet",
  State: "instanceState",
  Tags: "tagSet",
  SecurityGroups: "groupSet",
  NetworkInterfaces: "networkInterfaceSet",
};

/** An operation's output as the Query protocol's XML. */
export function writeQuery(operation: string, output: unknown, requestId: string, xmlns: string): RawResponse {
  const result = element(`${operation}Result`, output ?? {}, "member", (name) => name);
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return xml(200, `<${operation}Response xmlns="${xmlns}">${result}${metadata}</${operation}Response>`);
}

/** An operation's output as EC2's XML. */
export function writeEc2(operation: string, output: unknown, requestId: string, xmlns: string): RawResponse {
  const rename = (name: string) => EC2_NAMES[name] ?? name.charAt(0).toLowerCase() + name.slice(1);
  const inner = content(output ?? {}, "item", rename);
  const response = `${operation}Response`;
  return xml(200, `<${response} xmlns="${xmlns}"><requestId>${requestId}</requestId>${inner}</${response}>`);
}

/** An error as the Query protocol's, or as EC2's XML. */
export function writeQueryError(
  error: AwsError,
  requestId: string,
  xmlns: string,
  dialect: "query" | "ec2",
): RawResponse {
  const code = `<Code>${escapeText(error.code)}</Code><Message>${escapeText(error.message)}</Message>`;
  if (dialect === "ec2") {
    const body = `<Response><Errors><Error>${code}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
    return xml(error.status, body);
  }
  const type = `<Type>${error.status >= 500 ? "Receiver" : "Sender"}</Type>`;
  const body = `<Error>${type}${code}</Error><RequestId>${requestId}</RequestId>`;
  return xml(error.status, `<ErrorResponse xmlns="${xmlns}">${body}</ErrorResponse>`);
}

/** An error as S3's XML. */
export function writeS3Error(error: AwsError, requestId: string): RawResponse {
  const code = `<Code>${escapeText(error.code)}</Code><Message>${escapeText(error.message)}</Message>`;
  return xml(error.status, `<Error>${code}<RequestId>${requestId}</RequestId></Error>`);
}

function xml(status: number, body: string): RawResponse {
  return { status, headers: { "content-type": "text/xml" }, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}

function element(name: string, value: unknown, item: string, rename: (name: string) => string): string {
  return value === undefined || value === null ? "" : `<${name}>${content(value, item, rename)}</${name}>`;
}

function content(value: unknown, item: string, rename: (name: string) => string): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map((one) => element(item, one, item, rename)).join("");
  if (value instanceof Map) {
    const entries = Array.from(value, ([key, inner]) => ({ key, value: inner }));
    return entries.map((entry) => element("entry", entry, item, (name) => name)).join("");
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, inner]) => element(rename(name), inner, item, rename))
      .join("");
  }
  return escapeText(String(value));
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xD;" };

function escapeText(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}
