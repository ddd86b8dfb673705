import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server that stands in for AWS does with whatever it is asked. */
export type Answer = (response: ServerResponse, asked: { isQuery: boolean; times: number }) => void;

/** An error as AWS gives it: as JSON, or as XML where it is asked by a form. */
export function refusal(name: string, message: string, status = 400): Answer {
  return (response, { isQuery }) => {
    const xml = `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`;
    const json = JSON.stringify({ __type: `com.amazonaws#${name}`, message });
    response.writeHead(status, { "content-type": isQuery ? "text/xml" : "application/x-amz-json-1.0" });
    response.end(isQuery ? xml : json);
  };
}

/** No error at all, and nothing there. */
export const nothing: Answer = (response) => response.end("{}");

export interface StandIn {
  /** By which `keyturn` is led to it. */
  env: Record<string, string>;
  /** How often it was asked. */
  asked: () => number;
  close(): void;
}

/** Starts one on loopback. */
export async function standIn(answer: Answer): Promise<StandIn> {
  let times = 0;
  const server = createServer((request, response) => {
    times += 1;
    const isQuery = request.headers["content-type"]?.includes("form-urlencoded") === true;
    request.resume();
    answer(response, { isQuery, times });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: { ...WHOSE, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    asked: () => times,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Somebody's settings for AWS, as good as any. */
export const WHOSE = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "secret-of-nobody",
};
