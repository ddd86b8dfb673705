import { createHash, createHmac } from "node:crypto";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RawService, Service } from "../../src/http/service.ts";
import { type Embedded, instancePrincipal, startEmbedded } from "./embedded.ts";

const kms: Service = {
  signingName: "kms",
  protocol: { kind: "json", version: "1.1" },
  operations: { DescribeKey: () => ({ KeyMetadata: { KeyId: "k" } }) },
};
const sns: Service = {
  signingName: "sns",
  protocol: { kind: "query", xmlns: "http://sns.amazonaws.com/doc/2010-03-31/" },
  operations: { ListTopics: () => ({ Topics: [] }) },
};
const lambda: RawService = {
  signingName: "lambda",
  handle: async (request, { principal }) => ({ status: 200, headers: {}, body: `${request.url} ${principal.arn}` }),
};

let aws: Embedded;
beforeAll(async () => {
  aws = await startEmbedded(() => [kms, sns, lambda]);
});
afterAll(() => aws.close());

class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", Buffer.from(secret as Uint8Array));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === "string" ? data : Buffer.from(data as Uint8Array));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

interface Changes {
  region?: string;
  at?: Date;
  path?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  service?: string;
}

/** Signs a call of DescribeKey and lets `tamper` change it before it is sent. */
async function send(changes: Changes = {}, tamper: (request: HttpRequest) => void = () => {}): Promise<Response> {
  const url = new URL(aws.config.endpoint ?? "");
  const request = new HttpRequest({
    method: "POST",
    path: changes.path ?? "/",
    query: changes.query ?? {},
    headers: {
      host: url.host,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "TrentService.DescribeKey",
      ...changes.headers,
    },
    body: '{"KeyId":"k"}',
  });
  const signer = new SignatureV4({
    credentials: aws.config.credentials ?? { accessKeyId: "", secretAccessKey: "" },
    region: changes.region ?? "us-east-1",
    service: changes.service ?? "kms",
    sha256: Sha256,
  });
  const signed = (await signer.sign(request, { signingDate: changes.at ?? new Date() })) as HttpRequest;
  tamper(signed);
  const query = new URLSearchParams(signed.query as Record<string, string>).toString().replaceAll("+", "%20");
  const { host: _, ...headers } = signed.headers;
  return fetch(`${url.origin}${signed.path}${query && `?${query}`}`, { method: "POST", headers, body: signed.body });
}

async function refusal(response: Response): Promise<string> {
  const body = (await response.json()) as { __type: string; message: string };
  expect(response.headers.get("x-amzn-errortype")).toBe(body.__type);
  return `${response.status} ${body.__type}: ${body.message}`;
}

test("a rightly signed call is done", async () => {
  const response = await send();
  expect(await response.json()).toEqual({ KeyMetadata: { KeyId: "k" } });
});

test("paths and queries that need escaping are signed as the SDK signs them", async () => {
  const response = await send({ service: "lambda", path: "/url/a%20b%C3%BC", query: { "x y": "1 2/ü", a: "" } });
  expect(await response.text()).toMatch(/^\/url\/a%20b%C3%BC\?x%20y=1%202%2F%C3%BC&a= arn:aws:iam/);
});

test("an unsigned call is refused", async () => {
  const response = await send({}, ({ headers }) => {
    delete headers.authorization;
  });
  expect(await refusal(response)).toBe(
    "400 MissingAuthenticationTokenException: Request is missing Authentication Token",
  );
});

test.each([
  ["Bearer x", "must begin with 'AWS4-HMAC-SHA256'"],
  ["AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0", "exactly 5 slash-delimited elements"],
  ["AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kms/aws4_request, SignedHeaders=host", "requires 'Signature'"],
])("an Authorization header that is not whole is refused: %s", async (header, why) => {
  const response = await send({}, ({ headers }) => {
    headers.authorization = header;
  });
  const told = await refusal(response);
  expect(told).toMatch(/^400 IncompleteSignatureException: /);
  expect(told).toContain(why);
});

test.each<[string, (request: HttpRequest) => void]>([
  ["body", (request) => (request.body = '{"KeyId":"other"}')],
  ["target", (request) => (request.headers["x-amz-target"] = "TrentService.Encrypt")],
  ["path", (request) => (request.path = "/other")],
  ["query", (request) => (request.query = { a: "b" })],
  ["body hash", (request) => (request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD")],
  [
    "signature",
    ({ headers }) =>
      (headers.authorization = headers.authorization?.replace(/.$/, (c) => (c === "0" ? "1" : "0")) ?? ""),
  ],
  ["date", ({ headers }) => (headers["x-amz-date"] = headers["x-amz-date"]?.replace(/\d\dZ$/, "61Z") ?? "")],
  ["a header beside the signed ones", ({ headers }) => (headers["x-amz-other"] = "1")],
])("a call whose %s was changed after it was signed is refused", async (_what, tamper) => {
  const response = await send({}, tamper);
  expect(await refusal(response)).toMatch(/^400 (InvalidSignature|IncompleteSignature)Exception: /);
});

test("an unsigned body is refused even where the signature says so", async () => {
  const response = await send({ headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } });
  expect(await refusal(response)).toMatch(/^400 InvalidSignatureException/);
});

test("a host that is not signed is refused", async () => {
  const response = await send({}, ({ headers }) => {
    headers.authorization = headers.authorization?.replace("host;", "") ?? "";
  });
  expect(await refusal(response)).toContain("'host' must be a 'SignedHeader'");
});

test.each([16, -16])("a call signed %d minutes off is refused", async (minutes) => {
  const response = await send({ at: new Date(Date.now() + minutes * 60_000) });
  expect(await refusal(response)).toMatch(/^400 InvalidSignatureException: Signature (expired|not yet current): /);
});

test("a call signed fourteen minutes ago is done", async () => {
  expect((await send({ at: new Date(Date.now() - 14 * 60_000) })).status).toBe(200);
});

test("another Region is refused", async () => {
  expect(await refusal(await send({ region: "eu-west-1" }))).toContain("valid region, not 'eu-west-1'");
});

test("a service that is not there is refused, with a sentence in the log", async () => {
  expect(await refusal(await send({ service: "cloudtrail" }))).toContain("no service 'cloudtrail'");
  expect(aws.log.at(-1)).toContain("no service 'cloudtrail'");
});

test("an operation that is not there is refused, with a sentence in the log", async () => {
  const response = await send({ headers: { "x-amz-target": "TrentService.toString" } });
  expect(await refusal(response)).toMatch(/^400 UnknownOperationException: .*kms's operation 'toString'/);
  expect(aws.log.at(-1)).toContain("kms's operation 'toString'");
});

test("unknown keys, wrong secrets and missing tokens are refused, in JSON and in XML", async () => {
  const temporary = aws.configFor(instancePrincipal("i-1")).credentials ?? { accessKeyId: "", secretAccessKey: "" };
  const { sessionToken: _, ...withoutToken } = temporary;
  const wrong = [
    [{ accessKeyId: "AKIANOBODY", secretAccessKey: "x" }, "UnrecognizedClientException", "InvalidClientTokenId"],
    [withoutToken, "UnrecognizedClientException", "InvalidClientTokenId"],
    [{ ...temporary, sessionToken: "other" }, "UnrecognizedClientException", "InvalidClientTokenId"],
    [{ ...temporary, secretAccessKey: "x" }, "InvalidSignatureException", "SignatureDoesNotMatch"],
  ] as const;
  for (const [credentials, json, query] of wrong) {
    const config = { ...aws.config, credentials, maxAttempts: 1 };
    await expect(new KMSClient(config).send(new DescribeKeyCommand({ KeyId: "k" }))).rejects.toMatchObject({
      name: json,
    });
    await expect(new SNSClient(config).send(new ListTopicsCommand({}))).rejects.toMatchObject({ name: query });
  }
});

test("the secret and the session token are in no answer and no log", async () => {
  const { credentials } = aws.config;
  const response = await send({}, (request) => (request.body = "{}"));
  const seen = JSON.stringify([await response.text(), [...response.headers], aws.log]);
  expect(seen).not.toContain(credentials?.secretAccessKey);
});
