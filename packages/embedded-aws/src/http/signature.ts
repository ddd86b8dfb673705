import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { REGION } from "../place.ts";
import { sameText } from "../same-text.ts";
import type { Authorization } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";
import { Refusal } from "./refusals.ts";
import type { Principal, RawRequest } from "./service.ts";

/** How far a request's own time may lie from the server's. */
const SKEW_MS = 15 * 60_000;

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key " +
  "and signing method. Consult the service documentation for details.";

/** SHA-256, or HMAC-SHA-256 with a secret, in the form that the signer wants. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

/**
 * Who signed a request: checks its Signature Version 4 by signing it again.
 *
 * @param now the server's time in milliseconds
 * @throws Refusal unknownKey, expiredToken, expired, incompleteSignature or badSignature
 */
export async function verifySignature(
  request: RawRequest,
  authorization: Authorization,
  credentials: Credentials,
  now: number,
): Promise<Principal> {
  const known = credentials.find(authorization.accessKeyId);
  const token = request.headers["x-amz-security-token"] ?? "";
  if (known === undefined || !sameText(token, known.sessionToken ?? "")) {
    throw new Refusal("unknownKey", "The security token included in the request is invalid.");
  }
  const signedAt = checkTime(request, authorization, now);
  checkScope(authorization);
  checkSignedHeaders(request, authorization);
  checkBodyHash(request);
  const [path = "/", query = ""] = request.url.split("?", 2);
  const signed = authorization.signedHeaders.map((name) => [name, request.headers[name] ?? ""]);
  const copy = new HttpRequest({
    method: request.method,
    path,
    query: readQuery(query),
    headers: Object.fromEntries(signed),
    body: request.body,
  });
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: authorization.accessKeyId,
      secretAccessKey: known.secretAccessKey,
      ...(known.sessionToken !== undefined && { sessionToken: known.sessionToken }),
    },
    region: authorization.region,
    service: authorization.service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const again = await signer.sign(copy, {
    signingDate: signedAt,
    signableHeaders: new Set(authorization.signedHeaders),
  });
  const expected = again.headers.authorization?.split("Signature=")[1] ?? "";
  if (!sameText(authorization.signature, expected)) throw new Refusal("badSignature", MISMATCH);
  if (known.expiresAt !== undefined && known.expiresAt <= now) {
    throw new Refusal("expiredToken", "The security token included in the request is expired");
  }
  return known.principal;
}

function checkTime(request: RawRequest, authorization: Authorization, now: number): Date {
  const text = request.headers["x-amz-date"];
  if (text === undefined) {
    throw new Refusal("incompleteSignature", "Authorization header requires existence of a 'X-Amz-Date' header.");
  }
  const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  const at = form.test(text) ? Date.parse(text.replace(form, "$1-$2-$3T$4:$5:$6Z")) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new Refusal("incompleteSignature", `Date must be in ISO-8601 'basic format'. Got '${text}'.`);
  }
  if (authorization.date !== text.slice(0, 8)) {
    const message = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.";
    throw new Refusal("badSignature", message);
  }
  if (Math.abs(at - now) > SKEW_MS) {
    const here = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
    const what =
      at < now
        ? `Signature expired: ${text} is now earlier than`
        : `Signature not yet current: ${text} is still later than`;
    throw new Refusal("expired", `${what} ${here} ${at < now ? "-" : "+"} 15 min.`);
  }
  return new Date(at);
}

function checkScope({ region }: Authorization): void {
  if (region !== REGION) {
    throw new Refusal(
      "badSignature",
      `Credential should be scoped to a valid region, not '${region}'; here '${REGION}'.`,
    );
  }
}

/** A header that AWS acts on and that is not signed could be another's; so all of them must be. */
function checkSignedHeaders(request: RawRequest, { signedHeaders }: Authorization): void {
  const acting = Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"));
  for (const name of ["host", ...acting]) {
    if (!signedHeaders.includes(name)) {
      throw new Refusal("badSignature", `'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
}

function checkBodyHash(request: RawRequest): void {
  const claimed = request.headers["x-amz-content-sha256"];
  if (claimed === undefined) return;
  if (!sameText(claimed, createHash("sha256").update(request.body).digest("hex")))
    throw new Refusal("badSignature", MISMATCH);
}

function readQuery(text: string): Record<string, string | string[]> {
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) query.set(name, [...(query.get(name) ?? []), value]);
  return Object.fromEntries(query);
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}
