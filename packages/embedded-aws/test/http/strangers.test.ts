import { afterAll, beforeAll, expect, test } from "vitest";
import { Credentials } from "../../src/http/credentials.ts";
import { stsOver } from "../../src/sts/sts.ts";
import { type Embedded, startEmbedded } from "./embedded.ts";
import { jsonCall, type SignedCall, signedCall } from "./signed.ts";

// Who asks for what is not here is told so in the form that he understands, by a status that no client tries again.

let aws: Embedded;
beforeAll(async () => {
  aws = await startEmbedded((parts) => [stsOver(parts, new Credentials(parts))]);
});
afterAll(() => aws.close());

const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
const cbor = { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" };
const listMetrics = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
const xml = (code: string) => new RegExp(`<Code>${code}</Code><Message>(.*)</Message>`);
const json = (code: string) => new RegExp(`^{"__type":"${code}","message":"(.*)"}$`);

const strangers: [string, SignedCall, number, RegExp][] = [
  ["JSON", jsonCall("cloudtrail", "LookupEvents", {}), 400, json("UnknownOperationException")],
  ["Query", { service: "iam", headers: form, body: "Action=ListUsers&Version=2010-05-08" }, 400, xml("InvalidAction")],
  ["REST with JSON", { service: "eks", method: "GET", path: "/clusters" }, 404, json("UnknownOperationException")],
  ["REST with XML", { service: "route53", method: "GET", path: "/2013-04-01/hostedzone" }, 400, xml("InvalidAction")],
  ["S3", { service: "s3", method: "GET" }, 501, xml("NotImplemented")],
  ["S3, an upload", { service: "s3", method: "PUT", path: "/b/k", body: "x" }, 501, xml("NotImplemented")],
  ["CBOR", { service: "monitoring", path: listMetrics, headers: cbor, body: "?" }, 404, /^.*$/s],
];

test.each(strangers)("%s: a service that is not here", async (_kind, call, status, shape) => {
  const response = await signedCall(aws.config, call);
  const text = await response.text();
  const sentence = `The embedded AWS has no service '${call.service}'.`;
  expect(response.status).toBe(status);
  expect(text).toMatch(shape);
  expect(text.replaceAll("&apos;", "'")).toContain(sentence);
  expect(aws.log.at(-1)).toBe(sentence);
});

test("CBOR: the refusal is a map of the error's name and its sentence", async () => {
  const response = await signedCall(aws.config, { service: "monitoring", path: listMetrics, headers: cbor });
  const body = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get("smithy-protocol")).toBe("rpc-v2-cbor");
  const texts = ["__type", "UnknownOperationException", "message", "The embedded AWS has no service 'monitoring'."];
  // 0xa2: a map of two entries; 0x79: a text with two bytes of length (RFC 8949).
  const encoded = texts.flatMap((text) => [0x79, 0, text.length, ...Buffer.from(text)]);
  expect([...body]).toEqual([0xa2, ...encoded]);
});

test("S3's way of signing, which is not checked here, is no reason to hear of anything else", async () => {
  const headers = { "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" };
  const response = await signedCall(aws.config, { service: "s3", method: "PUT", path: "/b/a%20b", headers, body: "x" });
  expect(response.status).toBe(501);
});

test("an operation that is not here, of a service that is", async () => {
  const call = { service: "sts", headers: form, body: "Action=AssumeRole&Version=2011-06-15" };
  const response = await signedCall(aws.config, call);
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(xml("InvalidAction"));
  expect(aws.log.at(-1)).toBe("The embedded AWS does not know sts's operation 'AssumeRole'.");
});
