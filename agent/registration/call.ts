import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { REGISTRATION_CALL_SECONDS, type RegistrationRequest } from "../../protocol/index.ts";
import { sentenceOf } from "../failure.ts";
import { send } from "../http.ts";
import type { InstanceCredentials, Metadata } from "../metadata.ts";
import { type Answer, readAnswer } from "./answer.ts";
import { clockTrouble } from "./clock-trouble.ts";

/** Calls the registration function. Never rejects: that nobody answered is an answer too. */
export type Register = (request: RegistrationRequest, signal?: AbortSignal) => Promise<Answer>;

const TIMEOUT_MS = REGISTRATION_CALL_SECONDS * 1000;

/**
 * The registration function behind its URL; every call is signed (Signature Version 4) with the instance profile.
 *
 * @param now this instance's time, in milliseconds since 1970
 */
export function registrationAt(
  url: URL,
  region: () => Promise<string>,
  metadata: Pick<Metadata, "credentials">,
  now: () => number = Date.now,
): Register {
  let used: InstanceCredentials | undefined;
  let refused: InstanceCredentials | undefined;
  const credentials = async () => {
    used = await metadata.credentials(refused);
    return used;
  };
  const signer = new SignatureV4({ service: "lambda", region, credentials, sha256: Sha256 });
  return async (request, signal) => {
    try {
      const body = JSON.stringify(request);
      const unsigned = new HttpRequest({
        method: "POST",
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port === "" ? {} : { port: Number(url.port) }),
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { host: url.host, "content-type": "application/json" },
        body,
      });
      const signed = await signer.sign(unsigned, { signingDate: new Date(now()) });
      const headers = { ...signed.headers, "content-length": String(Buffer.byteLength(body)) };
      const answer = await send({ method: "POST", url, headers, body, timeoutMs: TIMEOUT_MS, signal });
      if (answer.status === 403) {
        const sentence = clockTrouble(answer.body, answer.date, now());
        if (sentence !== undefined) return { kind: "unavailable", sentence };
        refused = used;
      }
      return readAnswer(answer.status, answer.body);
    } catch (error) {
      return { kind: "unavailable", sentence: sentenceOf(error) };
    }
  };
}

/** SHA-256, or HMAC-SHA-256 when given a secret, in the form that the signer asks for. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error("a hash of a signature is used once");
  }
}

function bytesOf(secret: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof secret === "string") return Buffer.from(secret, "utf8");
  if (secret instanceof ArrayBuffer) return Buffer.from(secret);
  return Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength);
}
