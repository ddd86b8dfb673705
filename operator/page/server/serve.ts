import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EXIT, Stopped } from "../../exits.ts";
import { assets } from "./assets.ts";
import { Gate } from "./gate.ts";
import type { Live } from "./live.ts";
import { type Route, routeFor } from "./routes.ts";

export interface PageOptions {
  /** 0 takes any that is free. */
  port: number;
  /** Who has it is let in: 32 random bytes as text. */
  token: string;
  routes: readonly Route[];
  live: Live;
  /** What went wrong, as a sentence for people. */
  said(error: unknown): string;
}

export interface ServedPage {
  /** With the token in its fragment. */
  address: string;
  port: number;
  close(): Promise<void>;
}

const HEADERS = {
  "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
const LONGEST_BODY = 65_536;
/** A comment on the line, by which both sides notice that the other is gone. */
const ALIVE_MS = 5000;

/** Serves the page on 127.0.0.1. @throws whatever the system says of the port */
export async function servePage(options: PageOptions): Promise<ServedPage> {
  const gate = new Gate(options.token);
  const server = createServer((request, response) => {
    answer(request, response, gate, options).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: options.said(error) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  gate.listensOn(port);
  return {
    address: `http://127.0.0.1:${port}/#token=${options.token}`,
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  gate: Gate,
  options: PageOptions,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const refusal = gate.refusalOf(request);
  if (refusal !== undefined) return sendJson(response, 403, { error: refusal });
  const { method = "GET", url = "/" } = request;
  const { pathname, searchParams: query } = new URL(url, "http://page");
  if (method === "POST" && pathname === "/session") return begin(request, response, gate);
  if (!pathname.startsWith("/api/") && !pathname.startsWith("/here/")) return sendAsset(request, response, pathname);
  if (!gate.isLetIn(request))
    return sendJson(response, 401, { error: "Open the address that the program has printed, with its token." });
  if (method === "GET" && pathname === "/api/live") return sendLive(request, response, options.live);
  const found = routeFor(options.routes, method, pathname);
  if (found === undefined) return sendJson(response, 404, { error: "There is nothing of this name." });
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const body = method === "POST" ? await bodyOf(request) : undefined;
    sendJson(response, 200, await found.route.answer({ params: found.params, query, body, gone: gone.signal }));
  } catch (error) {
    if (gone.signal.aborted) return;
    sendJson(response, statusOf(error), { error: options.said(error) });
  }
}

async function begin(request: IncomingMessage, response: ServerResponse, gate: Gate): Promise<void> {
  const body = await bodyOf(request).catch(() => undefined);
  const { token } = (body ?? {}) as { token?: unknown };
  if (!gate.isToken(token)) return sendJson(response, 401, { error: "The token is not this server's." });
  response.setHeader("set-cookie", gate.cookie());
  sendJson(response, 200, {});
}

/** 400 for what makes no sense, 404 for what is not there, 502 for what AWS says. */
function statusOf(error: unknown): number {
  if (!(error instanceof Stopped)) return 502;
  return error.code === EXIT.usage ? 400 : 404;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_BODY) throw new Stopped(EXIT.usage, "That is too much at once.");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Stopped(EXIT.usage, "What was posted is no JSON.");
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  response.end(JSON.stringify(body ?? null));
}

async function sendAsset(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const asset = (await assets()).get(path);
  if (asset === undefined || (request.method !== "GET" && request.method !== "HEAD")) {
    return sendJson(response, 404, { error: "There is nothing of this name." });
  }
  const isGzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  response.writeHead(200, {
    "content-type": asset.type,
    "cache-control": "no-cache",
    ...(isGzip && { "content-encoding": "gzip" }),
  });
  response.end(request.method === "HEAD" ? undefined : isGzip ? asset.gzipped : asset.bytes);
}

function sendLive(request: IncomingMessage, response: ServerResponse, live: Live): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write("retry: 1000\n\n");
  const alive = setInterval(() => response.write(":\n\n"), ALIVE_MS);
  const end = live.subscribe((name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
  request.once("close", () => {
    clearInterval(alive);
    end();
  });
}
