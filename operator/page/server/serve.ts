import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EXIT, Stopped } from "../../exits.ts";
import { assets } from "./assets.ts";
import { BadRequest, bodyOf } from "./body.ts";
import { Gate } from "./gate.ts";
import type { Live } from "./live.ts";
import { type Route, routeFor } from "./routes.ts";
import { sendLive } from "./stream.ts";

/** What the page is given to show. */
export interface Behind {
  routes: readonly Route[];
  live: Live;
  /** What went wrong, as a sentence for people. */
  said(error: unknown): string;
}

export interface PageOptions {
  /** 0 takes any that is free. */
  port: number;
  /** Who has it is let in: 32 random bytes as text. */
  token: string;
  /** Asked for when somebody who is let in looks for the first time: what is behind the page takes its time and its memory. */
  behind: () => Promise<Behind>;
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

/** Serves the page on 127.0.0.1. @throws whatever the system says of the port */
export async function servePage({ port: wanted, token, behind: make }: PageOptions): Promise<ServedPage> {
  const gate = new Gate(token);
  let made: Promise<Behind> | undefined;
  const behind = () => {
    made ??= make().catch((error: unknown) => {
      // Whoever asks next tries again.
      made = undefined;
      throw error;
    });
    return made;
  };
  const server = createServer((request, response) => {
    answer(request, response, gate, behind).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof BadRequest) sendJson(response, error.status, { error: error.message });
      else sendJson(response, 500, { error: `The page fails on something that was not foreseen: ${nameOf(error)}.` });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wanted, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  gate.listensOn(port);
  return {
    address: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      const there = await made?.catch(() => undefined);
      there?.live.close();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  gate: Gate,
  behind: () => Promise<Behind>,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  // What a HEAD is answered, Node sends without its body.
  const method = request.method === "HEAD" ? "GET" : request.method;
  if (method !== "GET" && method !== "POST") {
    response.setHeader("allow", "GET, HEAD, POST");
    throw new BadRequest(405, "That is not how this server is asked.");
  }
  const { pathname, searchParams: query } = addressOf(request.url);
  const refusal = gate.refusalOf(request, pathname === "/");
  if (refusal !== undefined) throw new BadRequest(403, refusal);
  if (method === "POST" && pathname === "/session") return begin(request, response, gate);
  if (!pathname.startsWith("/api/") && !pathname.startsWith("/here/")) return sendAsset(request, response, pathname);
  if (!gate.isLetIn(request))
    throw new BadRequest(401, "Open the address that the program has printed, with its token.");
  if (request.method === "GET" && pathname === "/api/live") return sendLive(response, (await behind()).live);
  const { routes, said } = await behind();
  const found = routeFor(routes, method, pathname);
  if (found === undefined) throw new BadRequest(404, "There is nothing of this name.");
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const body = method === "POST" ? await bodyOf(request) : undefined;
  try {
    sendJson(response, 200, await found.route.answer({ params: found.params, query, body, gone: gone.signal }));
  } catch (error) {
    if (gone.signal.aborted) return;
    sendJson(response, statusOf(error), { error: said(error) });
  }
}

/** @throws BadRequest 400 for what is no path, or one that cannot be decoded */
function addressOf(url = ""): URL {
  try {
    if (!url.startsWith("/")) throw new URIError(url);
    const address = new URL(`http://page${url}`);
    decodeURIComponent(address.pathname);
    return address;
  } catch {
    throw new BadRequest(400, "The address makes no sense.");
  }
}

async function begin(request: IncomingMessage, response: ServerResponse, gate: Gate): Promise<void> {
  const { token } = ((await bodyOf(request)) ?? {}) as { token?: unknown };
  if (!gate.isToken(token)) throw new BadRequest(401, "The token is not this server's.");
  response.setHeader("set-cookie", gate.cookie());
  sendJson(response, 200, {});
}

/** 400 for what makes no sense, 404 for what is not there, 502 for what AWS says. */
function statusOf(error: unknown): number {
  if (!(error instanceof Stopped)) return 502;
  return error.code === EXIT.usage ? 400 : error.code === EXIT.refused ? 404 : 502;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    ...{ "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    // The rest of what is too long is not read, and nothing else can come behind it.
    ...(status === 413 && { connection: "close" }),
  });
  response.end(JSON.stringify(body ?? null));
}

async function sendAsset(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const asset = request.method === "POST" ? undefined : (await assets()).get(path);
  if (asset === undefined) throw new BadRequest(404, "There is nothing of this name.");
  const isGzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  response.writeHead(200, {
    "content-type": asset.type,
    "cache-control": "no-cache",
    ...(isGzip && { "content-encoding": "gzip" }),
  });
  response.end(isGzip ? asset.gzipped : asset.bytes);
}
