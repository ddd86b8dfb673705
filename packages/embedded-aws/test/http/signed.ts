import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../lambda/harness.ts";
import type { ClientConfig } from "./embedded.ts";

/** A call of a service for which no client is installed here. */
export interface SignedCall {
  /** The signing name. */
  service: string;
  method?: string;
  path?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
}

/** Signs a call with the credentials of `config`, and makes it. */
export async function signedCall(
  { endpoint = "", region, credentials = { accessKeyId: "", secretAccessKey: "" } }: ClientConfig,
  { service, method = "POST", path = "/", query = {}, headers = {}, body = "" }: SignedCall,
): Promise<Response> {
  const url = new URL(path, endpoint);
  url.search = new URLSearchParams(query).toString();
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const unsigned = { method, hostname: url.hostname, path, query, body, headers: { host: url.host, ...headers } };
  const signed = await signer.sign(new HttpRequest(unsigned));
  return fetch(url, { method, headers: signed.headers, ...(body !== "" && { body }) });
}

/** The call of an operation of a service that speaks JSON. */
export function jsonCall(service: string, operation: string, input: object): SignedCall {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `Any.${operation}` };
  return { service, headers, body: JSON.stringify(input) };
}
