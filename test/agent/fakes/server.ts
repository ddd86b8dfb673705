import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** What a fake answers; undefined lets the connection drop without an answer. */
export type Reply = { status: number; body: string } | undefined;

export interface Server {
  url: URL;
  close(): Promise<void>;
}

/** An HTTP server on loopback, on a free port. */
export async function serve(handle: (request: Received) => Reply | Promise<Reply>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    const { method = "", url: path = "", headers } = request;
    const reply = await handle({ method, path, headers, body });
    if (reply === undefined) response.destroy();
    else response.writeHead(reply.status, { "content-type": "application/x-amz-json-1.0" }).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
