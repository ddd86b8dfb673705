import * as http from "node:http";
import * as https from "node:https";
import { Failure, sentenceOf } from "./failure.ts";

// node:http rather than fetch: the daemon stays some megabytes smaller.

export interface HttpRequest {
  method: "GET" | "POST" | "PUT";
  url: URL;
  headers?: Record<string, string>;
  body?: string;
  /** For the whole call. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  body: string;
  /** The other side's time, as it stands in the header `date`. */
  date: string | undefined;
}

const LONGEST_ANSWER = 65_536;

/**
 * One HTTP call, never redirected, never repeated.
 *
 * @throws Failure when no answer came, or one of more than 64 KiB
 */
export async function send(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers = {}, body } = request;
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
  try {
    return await new Promise<HttpAnswer>((resolve, reject) => {
      const open = url.protocol === "https:" ? https.request : http.request;
      const call = open(url, { method, headers, signal, agent: false }, (answer) => {
        const { statusCode: status = 0, headers } = answer;
        collect(answer).then((text) => resolve({ status, body: text, date: headers.date }), reject);
      });
      call.on("error", reject);
      call.end(body);
    });
  } catch (error) {
    const why = timeout.aborted ? `no answer within ${request.timeoutMs} ms` : sentenceOf(error);
    throw new Failure(`${method} ${url.origin}${url.pathname} failed: ${why}.`);
  }
}

async function collect(answer: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_ANSWER) throw new Failure(`the answer is longer than ${LONGEST_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
