import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { TOKENS_PER_KEY } from "../../functions/shared/credential-settings.ts";
import { lastingPort } from "../port.ts";
import { asItOughtTo, type Behaviour, type Endpoint, type Held, Holds, type Moment } from "./behaviour.ts";
import { answerJson, bearerOf, type Client, demandClient, Refusal, readForm } from "./requests.ts";
import { Tokens } from "./tokens.ts";

export type { Client } from "./requests.ts";

const HOST = "127.0.0.1";
const FILE = "issuer-tokens.json";
/** Words of visible ASCII, a blank between two (RFC 6749, section 3.3). */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

export interface IssuerOptions {
  /** The API keys that it knows. */
  clients: readonly Client[];
  /** Whether a new token of a key ends the former one. */
  tokensPerKey: (typeof TOKENS_PER_KEY)[number];
  lifetimeSeconds: number;
  /** A folder that is there, for what is to outlast this process. Without it nothing does. */
  folder?: string;
  /** Without it, one that can be had. */
  port?: number;
  /** Milliseconds since 1970. */
  now: () => number;
  random: (bytes: number) => Buffer;
}

/** How often each was asked, and how often the resource refused. */
export type Counts = Record<Endpoint | "refusedByResource", number>;

/** What is done with an issuer beside its HTTP. */
export interface IssuerHandle {
  /** Is changed in place. */
  behaviour: Behaviour;
  /** From here on it cannot be reached: connections are refused, or requests that come are never answered. */
  goAway(how: "refusing" | "hanging"): Promise<void>;
  comeBack(): Promise<void>;
  /** Holds up the next request to an endpoint, until it is let go. */
  hold(endpoint: Endpoint, moment: Moment): Held;
  /** Adds an API key, or gives a known one another secret. Its tokens stay. */
  setClient(client: Client): void;
  /** Revokes a token behind everybody's back. */
  revoke(token: string): void;
  /** Whether the resource would let a token in. */
  honours(token: string): boolean;
  counts: Counts;
}

export interface LocalIssuer {
  port: number;
  tokenUrl: string;
  revocationUrl: string;
  introspectionUrl: string;
  resourceUrl: string;
  handle: IssuerHandle;
  close(): Promise<void>;
}

/**
 * Starts an OAuth 2 issuer on this machine's loopback, and the resource that its tokens open: what stands here for an API
 * whose tokens applications share.
 *
 * `POST /token`: client credentials (RFC 6749, section 4.4), with HTTP Basic and a form. `POST /revoke`: RFC 7009; a client
 * revokes its own tokens alone, and hears 200 of all others, too. `POST /introspect`: RFC 7662, for any client. `GET /resource`:
 * RFC 6750, with the token in the header alone. Anything else is 404.
 *
 * A token is 32 random bytes, of which the digest alone is kept; with a folder, it is on disk before it is given, so that
 * whoever holds one is let in by the next issuer on that folder, too. Nothing that comes by HTTP changes how it behaves: that is
 * the handle's.
 *
 * @throws Error where the port cannot be had, or what lies in the folder is no such thing
 */
export async function startIssuer(options: IssuerOptions): Promise<LocalIssuer> {
  const { now, random, tokensPerKey, lifetimeSeconds, folder } = options;
  const clients = new Map(options.clients.map((client) => [client.id, client]));
  const file = folder === undefined ? undefined : join(folder, FILE);
  const tokens = new Tokens({ file, tokensPerKey, now, random });
  const behaviour = asItOughtTo();
  const holds = new Holds();
  const counts: Counts = { token: 0, revoke: 0, introspect: 0, resource: 0, refusedByResource: 0 };
  let isHanging = false;

  /** The client that asks, unless none is served now. */
  function demandServed(request: IncomingMessage): Client {
    if (behaviour.putsOff !== undefined) {
      throw new Refusal(429, "temporarily_unavailable", { "retry-after": behaviour.putsOff });
    }
    return demandClient(
      request,
      [...clients.values()].filter(({ id }) => !behaviour.refusedClients.has(id)),
    );
  }

  const answers: Record<Endpoint, (request: IncomingMessage) => Promise<(response: ServerResponse) => void>> = {
    async token(request) {
      const form = await readForm(request);
      const { id } = demandServed(request);
      const grant = form.get("grant_type");
      if (grant === undefined) throw new Refusal(400, "invalid_request");
      if (grant !== "client_credentials") throw new Refusal(400, "unsupported_grant_type");
      const scope = form.get("scope") || undefined;
      if (scope !== undefined && !SCOPE.test(scope)) throw new Refusal(400, "invalid_scope");
      const { unfit, says } = behaviour;
      if (unfit !== undefined) return (response) => response.writeHead(unfit.status, unfit.headers).end(unfit.body);
      const access_token = tokens.issue(id, { scope, lifetimeSeconds });
      const said = { access_token, token_type: "Bearer", expires_in: lifetimeSeconds, ...(scope && { scope }) };
      return (response) => answerJson(response, 200, { ...said, ...says });
    },

    async revoke(request) {
      const form = await readForm(request);
      const { id } = demandServed(request);
      const token = form.get("token");
      if (token === undefined) throw new Refusal(400, "invalid_request");
      if (!behaviour.revokesNothing && tokens.find(token)?.client === id) tokens.revoke(token);
      return (response) => response.writeHead(200, { "cache-control": "no-store" }).end();
    },

    async introspect(request) {
      const form = await readForm(request);
      demandClient(request, clients.values());
      const token = form.get("token");
      if (token === undefined) throw new Refusal(400, "invalid_request");
      const kept = tokens.find(token);
      if (kept === undefined) return (response) => answerJson(response, 200, { active: false });
      const { client: client_id, scope, issuedAt, endsAt } = kept;
      const times = { iat: Math.floor(issuedAt / 1000), exp: Math.floor(endsAt / 1000) };
      const said = { active: true, client_id, token_type: "Bearer", ...(scope && { scope }), ...times };
      return (response) => answerJson(response, 200, said);
    },

    async resource(request) {
      const token = bearerOf(request);
      const kept = token === undefined ? undefined : tokens.find(token);
      if (kept !== undefined) return (response) => answerJson(response, 200, { client: kept.client });
      counts.refusedByResource += 1;
      // Who shows nothing is told no error (RFC 6750, section 3.1).
      const challenge = `Bearer realm="resource"${token === undefined ? "" : ', error="invalid_token"'}`;
      throw new Refusal(401, token === undefined ? "unauthorized" : "invalid_token", { "www-authenticate": challenge });
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const endpoint = endpointOf(request);
    if (isHanging) return;
    counts[endpoint] += 1;
    await holds.pass(endpoint, "before");
    if (behaviour.slowMs > 0) await wait(behaviour.slowMs);
    const answer = await answers[endpoint](request);
    await holds.pass(endpoint, "after");
    answer(response);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (error instanceof Refusal) return answerJson(response, error.status, { error: error.message }, error.headers);
      // The body was cut off, or there is no room on the disk: nothing was issued.
      return answerJson(response, 500, { error: "server_error" });
    });
  });
  const port = options.port ?? (await lastingPort());
  await listen(server, port);

  const url = (path: string) => `http://${HOST}:${port}/${path}`;
  return {
    port,
    tokenUrl: url("token"),
    revocationUrl: url("revoke"),
    introspectionUrl: url("introspect"),
    resourceUrl: url("resource"),
    handle: {
      behaviour,
      counts,
      async goAway(how) {
        if (how === "hanging") isHanging = true;
        else await stop(server);
      },
      async comeBack() {
        // Who was left hanging gets no answer any more.
        if (isHanging) server.closeAllConnections();
        isHanging = false;
        if (!server.listening) await listen(server, port);
      },
      hold: (endpoint, moment) => holds.hold(endpoint, moment),
      setClient: (client) => void clients.set(client.id, client),
      revoke: (token) => tokens.revoke(token),
      honours: (token) => tokens.find(token) !== undefined,
    },
    close: () => stop(server),
  };
}

const METHODS: Record<Endpoint, string> = { token: "POST", revoke: "POST", introspect: "POST", resource: "GET" };

/** @throws Refusal for a path that is none, or another method */
function endpointOf({ url = "/", method }: IncomingMessage): Endpoint {
  const path = url.split("?")[0]?.slice(1) ?? "";
  if (!Object.hasOwn(METHODS, path)) throw new Refusal(404, "not_found");
  const endpoint = path as Endpoint;
  if (method !== METHODS[endpoint]) throw new Refusal(405, "invalid_request", { allow: METHODS[endpoint] });
  return endpoint;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const isClosed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await isClosed;
}
