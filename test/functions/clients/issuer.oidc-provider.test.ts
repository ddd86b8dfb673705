import { createServer, type Server } from "node:http";
import type { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import Provider from "oidc-provider";
import { afterAll, beforeAll, vi } from "vitest";
import { oauth2Issuer } from "../../../functions/clients/issuer.oauth2.ts";
import { lastingPort } from "../../../local/port.ts";
import { issuerSuite } from "./issuer.suite.ts";
import { tokenCredentialOf } from "./token-credential-of.ts";

// A second opinion: an OAuth 2 server that others wrote, and a resource that asks it by introspection (RFC 7662).

const HOST = "127.0.0.1";
const KEYS: Record<string, { client_id: string; client_secret: string }> = {
  "orders/key-a": { client_id: "0d2f-a_1.x", client_secret: `:+%/ ~!"'()*-._=&` },
  "orders/key-b": { client_id: "b:+ %", client_secret: "another" },
};
const RESOURCE = { client_id: "resource", client_secret: "of its own" };
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
const basic = `Basic ${Buffer.from(`${RESOURCE.client_id}:${encoded(RESOURCE.client_secret)}`).toString("base64")}`;

/** Whose secret holds another key than the server knows. */
const refused = new Set<string>();
const secrets = {
  async send({ input: { SecretId: secret = "" } }: GetSecretValueCommand) {
    const key = KEYS[secret];
    return { SecretString: JSON.stringify(refused.has(secret) ? { ...key, client_secret: "turned by hand" } : key) };
  },
} as unknown as SecretsManagerClient;

let port: number;
let server: Server;
let asked = 0;
const urlOf = (path: string) => `http://${HOST}:${port}/${path}`;

beforeAll(async () => {
  // The server goes by the clock of its process; timers go on.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  // It says so where it is asked for what is meant for trying things out.
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  port = await lastingPort();
  const client = { grant_types: ["client_credentials"], redirect_uris: [], response_types: [] };
  const provider = new Provider(urlOf("").slice(0, -1), {
    clients: [...Object.values(KEYS), RESOURCE].map((key) => ({ ...client, ...key })),
    features: {
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: true },
      devInteractions: { enabled: false },
    },
    ttl: { ClientCredentials: 60 },
  });
  const serve = provider.callback();
  server = createServer((request, response) => {
    if (request.url === "/token" || request.url === "/token/revocation") asked += 1;
    if (request.url === "/resource")
      return void answer(request.headers.authorization).then((status) => response.writeHead(status).end());
    return serve(request, response);
  });
  await open(true);
});
afterAll(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await open(false);
});

async function open(isOpen: boolean): Promise<void> {
  if (isOpen) return new Promise((resolve) => server.listen(port, HOST, resolve));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** The resource: lets in whom the server knows. */
async function answer(authorization = ""): Promise<number> {
  const token = authorization.replace("Bearer ", "");
  const response = await fetch(urlOf("token/introspection"), {
    method: "POST",
    headers: { authorization: basic, connection: "close" },
    body: new URLSearchParams({ token }),
  });
  return ((await response.json()) as { active: boolean }).active ? 200 : 401;
}

function settings() {
  const urls = { tokenUrl: urlOf("token"), revocationUrl: urlOf("token/revocation"), probeUrl: urlOf("resource") };
  return tokenCredentialOf(urls);
}

issuerSuite(
  () => ({
    settings: settings(),
    issuerOf: (its) => oauth2Issuer(its, { secrets, wait: async () => {}, now: Date.now }),
    elapse: (seconds) => vi.setSystemTime(Date.now() + seconds * 1000),
    refuse(secret, isRefused) {
      if (isRefused) refused.add(secret);
      else refused.delete(secret);
    },
    away: (isAway) => open(!isAway),
    asked: () => asked,
  }),
  { tokensPerKey: "many", behaves: false },
);
