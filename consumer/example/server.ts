import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface ExampleServer {
  url: URL;
  /** Takes no more requests, answers those under way, some seconds long, and ends. */
  close(): Promise<void>;
}

/** More than this at once would be as many logins at once. */
const MOST_CONNECTIONS = 50;

const CLOSING_MS = 10_000;

/**
 * Answers `GET /` with a status, as JSON. That the authority is away is an answer like any other, with HTTP 200.
 *
 * @param port 0 for any that is free
 * @throws what the system says where it cannot listen there
 */
export async function serve(
  listen: { host: string; port: number },
  status: () => Promise<object>,
): Promise<ExampleServer> {
  const server = createServer(async (request, response) => {
    const [path] = (request.url ?? "").split("?");
    const isAsked = path === "/" && (request.method === "GET" || request.method === "HEAD");
    const body = isAsked ? await status() : { error: "only GET / is answered" };
    const headers = {
      "content-type": "application/json",
      "cache-control": "no-store",
      // Once it ends, nobody is to wait whether another request comes over the same connection.
      ...(!server.listening && { connection: "close" }),
    };
    response.writeHead(isAsked ? 200 : path === "/" ? 405 : 404, headers).end(`${JSON.stringify(body)}\n`);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(listen.port, listen.host, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  return { url: new URL(`http://${family === "IPv6" ? `[${address}]` : address}:${port}/`), close: () => end(server) };
}

async function end(server: Server): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(late);
}
