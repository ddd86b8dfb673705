import { createHash, createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { systemClock } from "../../src/clock.ts";
import { Credentials } from "../../src/http/credentials.ts";
import { startServer } from "../../src/http/server.ts";
import type { Principal } from "../../src/http/service.ts";
import { Rights } from "../../src/iam/rights.ts";
import type { Statement } from "../../src/iam/statement.ts";
import { LambdaFunctions } from "../../src/lambda/index.ts";
import type { Parts } from "../../src/parts.ts";
import { Store } from "../../src/store.ts";

export const OPERATOR: Principal = { kind: "operator", arn: "arn:aws:iam::000000000000:user/test", userId: "AIDATEST" };

/** The parts of an embedded AWS in a folder of the test's own. */
export function parts(folder?: string): Parts & { sentences: string[] } {
  const sentences: string[] = [];
  const log = (sentence: string) => void sentences.push(sentence);
  return { store: new Store(folder), clock: systemClock, random: randomBytes, log, sentences };
}

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function functionsIn(folder: string, given: Parts, retryDelaysMs: number[] = [10, 20]): LambdaFunctions {
  const environment = () => ({ EVERYWHERE: "yes" });
  return new LambdaFunctions(given, { logsFolder: join(folder, "logs"), environment, retryDelaysMs });
}

/** The path of one of the tests' own functions. */
export function modulePath(name: string): string {
  return join(import.meta.dirname, "functions", `${name}.ts`);
}

const ALL = { Effect: "Allow", Resource: ["arn:aws:lambda:us-east-1:000000000000:function:*"] } as const;
/** What instances may do there: call functions by their URLs, and in no other way. */
const CALL_URLS: Statement[] = [
  {
    ...ALL,
    Action: ["lambda:InvokeFunctionUrl"],
    Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
  },
  { ...ALL, Action: ["lambda:InvokeFunction"], Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } },
];

/** A server with these functions, and a way to call it as someone. */
export async function serverWith(functions: LambdaFunctions, given: Parts) {
  const credentials = new Credentials(given);
  const rights = new Rights();
  rights.putForInstances({ name: "Tester", statements: CALL_URLS });
  const server = await startServer({ port: 0, services: [functions.service], credentials, parts: given, rights });
  return {
    close: () => server.close(),
    async call(
      principal: Principal,
      request: { method?: string; path: string; headers?: object; body?: string | Buffer },
    ) {
      const { method = "POST", path, headers = {}, body } = request;
      const url = new URL(path, server.endpoint);
      const signer = new SignatureV4({
        service: "lambda",
        region: "us-east-1",
        credentials: credentials.issue(principal, { temporary: principal.kind === "instance" }),
        sha256: Sha256,
      });
      const signed = await signer.sign(
        new HttpRequest({
          method,
          hostname: url.hostname,
          path: url.pathname,
          query: Object.fromEntries(url.searchParams),
          headers: { host: url.host, ...headers } as Record<string, string>,
          body,
        }),
      );
      return fetch(url, { method, headers: signed.headers, ...(body !== undefined && { body }) });
    },
  };
}

/** SHA-256 in the form that the signer wants. */
export class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", Buffer.from(secret as Uint8Array));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(Buffer.from(data as Uint8Array));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error("The signer of these tests makes a new hash each time.");
  }
}
