import type { AwsError, RawResponse } from "./service.ts";

/** An error in CBOR, which newer clients speak with some services: a map of two texts. */
export function writeCborError(error: AwsError): RawResponse {
  const body = [Buffer.of(0xa2), ...["__type", error.code, "message", error.message].map(text)];
  const headers = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };
  return { status: error.status, headers, body: Buffer.concat(body) };
}

/** A text of less than 64 kB. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const head = Buffer.of(0x79, 0, 0);
  head.writeUInt16BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
