import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { oauth2Issuer } from "../../../functions/clients/issuer.oauth2.ts";
import type { TokenCredential } from "../../../functions/shared/credential-settings.ts";
import { selfSigned } from "./self-signed.ts";
import { tokenCredentialOf } from "./token-credential-of.ts";

// What an issuer or a resource may answer that it ought not to, on the wire.

const KEY = { client_id: "marked-id", client_secret: "marked:secret/+" };
const TOKEN = "marked-token";
const LOGIN = { user: "token_a", password: TOKEN };
const NOW = Date.parse("2026-11-28T02:00:00.000Z");
const yes = async () => true;
const secrets = {
  send: async () => ({ SecretString: JSON.stringify(KEY) }),
} as unknown as SecretsManagerClient;

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Serve = (response: ServerResponse, request: IncomingMessage, body: string) => void;

/** Answers each request by the next of these, and all that follow by the last. `asked` gets what was asked. */
function serving(serves: Serve[], asked: IncomingMessage[] = []): Promise<string> {
  const left = [...serves];
  return listen(
    createServer(async (request, response) => {
      asked.push(request);
      const serve = left.length > 1 ? left.shift() : left[0];
      serve?.(response, request, await textOf(request));
    }),
  );
}

const saying =
  (status: number, body = "", headers: Record<string, string> = {}): Serve =>
  (response) =>
    response.writeHead(status, headers).end(body);

const GOOD = { access_token: "good", token_type: "Bearer", expires_in: 3600 };
const sayingToken = (change: object) => saying(200, JSON.stringify({ ...GOOD, ...change }));

let waits: number[];
beforeEach(() => {
  waits = [];
});

function issuerAt(host: string, change: Partial<TokenCredential> = {}, answerMs = 10_000) {
  const base = `http://${host}`;
  const urls = { tokenUrl: `${base}/token`, revocationUrl: `${base}/revoke`, probeUrl: `${base}/resource` };
  const wait = async (ms: number) => void waits.push(ms);
  return oauth2Issuer(tokenCredentialOf({ ...urls, ...change }), { secrets, wait, now: () => NOW, answerMs });
}

/** What is thrown, with everything that a log could show of it. */
async function errorOf(asked: Promise<unknown>): Promise<{ name: string; message: string; all: string }> {
  const error = await asked.then(
    (answer) => new Error(`not thrown: ${inspect(answer)}`),
    (thrown: Error) => thrown,
  );
  return { name: error.name, message: error.message, all: inspect(error, { depth: 10, showHidden: true }) };
}

describe("an answer to who asks for a token", () => {
  test.each<[string, Serve, number | undefined]>([
    ["that is all right", sayingToken({}), 3600],
    ["with 201", saying(201, JSON.stringify(GOOD)), 3600],
    ["of type BEARER", sayingToken({ token_type: "BEARER" }), 3600],
    ["with expires_in as a text of digits", sayingToken({ expires_in: "3600" }), 3600],
    ["without expires_in", sayingToken({ expires_in: undefined }), undefined],
    ["with more in it that is of no use", sayingToken({ refresh_token: null, scope: [], id_token: 3 }), 3600],
    ["of another content type", saying(200, JSON.stringify(GOOD), { "content-type": "text/html" }), 3600],
    ["with a byte order mark", saying(200, `\ufeff${JSON.stringify(GOOD)}`), 3600],
    ["with a Retry-After that is not asked for", saying(200, JSON.stringify(GOOD), { "retry-after": "3600" }), 3600],
  ])("%s is taken", async (_, serve, lifetimeSeconds) => {
    const issuer = issuerAt(await serving([serve]));
    expect(await issuer.issue("token_a", yes)).toEqual({ token: "good", lifetimeSeconds });
  });

  test("a token of 10 kB is taken, and the longest that is kept", async () => {
    for (const length of [10_000, 32_768]) {
      const access_token = "x".repeat(length);
      const issuer = issuerAt(await serving([sayingToken({ access_token })]));
      expect(await issuer.issue("token_a", yes)).toEqual({ token: access_token, lifetimeSeconds: 3600 });
    }
  });

  const NO_TOKEN = "with no token as OAuth 2 has it";
  const NO_SECONDS = "with an expires_in that is no number of whole seconds above 0";
  const NOT_ASCII = "with a token that is no visible ASCII";
  test.each<[string, Serve, string]>([
    ["HTML", saying(200, "<html>marked-token</html>", { "content-type": "text/html" }), NO_TOKEN],
    ["empty", saying(200), NO_TOKEN],
    ["204", saying(204), NO_TOKEN],
    ["null", saying(200, "null"), NO_TOKEN],
    ["a list", saying(200, JSON.stringify([GOOD])), NO_TOKEN],
    ["a text", saying(200, '"marked-token"'), NO_TOKEN],
    ["cut off", saying(200, JSON.stringify(GOOD).slice(0, -1)), NO_TOKEN],
    ["without a token", sayingToken({ access_token: undefined }), NO_TOKEN],
    ["with a number for a token", sayingToken({ access_token: 7 }), NO_TOKEN],
    ["without a type", sayingToken({ token_type: undefined }), NO_TOKEN],
    ["of type mac", sayingToken({ token_type: "mac" }), "with a token that is no bearer token"],
    ["of type DPoP", sayingToken({ token_type: "DPoP" }), "with a token that is no bearer token"],
    ["with an empty token", sayingToken({ access_token: "" }), NOT_ASCII],
    ["with a token with a blank", sayingToken({ access_token: "marked token" }), NOT_ASCII],
    ["with a token with a newline", sayingToken({ access_token: "marked-token\n" }), NOT_ASCII],
    ["with a token with ü", sayingToken({ access_token: "marked-tokenü" }), NOT_ASCII],
    ["with a token of 40 kB", sayingToken({ access_token: "x".repeat(40_000) }), "more than 32768 characters"],
    ["with a token of 70 kB", sayingToken({ access_token: "x".repeat(70_000) }), NO_TOKEN],
    [
      "that unpacks to more",
      (response) => {
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(5_000_000, " ")));
      },
      NO_TOKEN,
    ],
    ...[0, -1, 0.5, 1e30, 10_000_000_000, "", "0", "-1", "3600 seconds", "1e3", null, true, [3600], {}].map(
      (expires_in): [string, Serve, string] => [
        `with expires_in ${JSON.stringify(expires_in)}`,
        sayingToken({ expires_in }),
        NO_SECONDS,
      ],
    ),
    ["302", saying(302, "", { location: "/marked-token" }), "answers 302, a redirect, which is not followed"],
    ["400", saying(400), "answers 400."],
    ["404", saying(404), "answers 404."],
    ["invalid_scope", saying(400, '{"error":"invalid_scope"}'), "answers 400 (invalid_scope)."],
    ["an error of its own", saying(400, '{"error":"marked-token"}'), "answers 400."],
  ])("that is %s is unfit", async (_, serve, words) => {
    const asked: IncomingMessage[] = [];
    const host = await serving([serve], asked);
    const { name, message, all } = await errorOf(issuerAt(host).issue("token_a", yes));
    expect([name, message]).toEqual(["AnswerUnfit", expect.stringContaining(`${host} answers`)]);
    expect(message).toContain(words);
    expect(all).not.toMatch(/marked.?(token|secret|id)/);
    expect([asked.length, waits]).toEqual([1, []]);
  });

  test.each<[Serve, string, string]>([
    [saying(500), "AuthorityUnreachable", "answers 500."],
    [saying(503, "<html>".repeat(50_000)), "AuthorityUnreachable", "answers 503."],
    [saying(429), "AuthorityUnreachable", "answers 429."],
    [saying(408), "AuthorityUnreachable", "answers 408."],
    [saying(400, '{"error":"temporarily_unavailable"}'), "AuthorityUnreachable", "(temporarily_unavailable)"],
    [saying(401), "KeyRefused", "answers 401."],
    [saying(403, "<html>"), "KeyRefused", "answers 403."],
    [saying(401, '{"error":"invalid_client"}'), "KeyRefused", "answers 401 (invalid_client)."],
    [saying(400, '{"error":"invalid_client"}'), "KeyRefused", "answers 400 (invalid_client)."],
    [saying(400, '{"error":"unauthorized_client"}'), "KeyRefused", "answers 400 (unauthorized_client)."],
  ])("that is no success, case %#: %s %s", async (serve, name, words) => {
    const host = await serving([serve]);
    for (const asked of [issuerAt(host).issue("token_a", yes), issuerAt(host).revoke(LOGIN, yes)]) {
      expect(await errorOf(asked)).toMatchObject({ name, message: expect.stringContaining(words) });
    }
    expect(waits).toEqual([]);
  });

  test("a body that never ends is cut off", async () => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const host = await serving([
      (response) => {
        response.once("close", close);
        response.writeHead(200);
        const go = () => {
          while (!response.destroyed && response.write(" ".repeat(16_384)));
        };
        response.on("drain", go);
        go();
      },
    ]);
    expect(await errorOf(issuerAt(host).issue("token_a", yes))).toMatchObject({ name: "AnswerUnfit" });
    await closed;
  });

  test("a body that comes too slowly is given up", async () => {
    const host = await serving([(response) => response.writeHead(200).write("{")]);
    expect(await errorOf(issuerAt(host, {}, 50).issue("token_a", yes))).toMatchObject({
      name: "AuthorityUnreachable",
      message: `${host} cannot be reached: TimeoutError`,
    });
  });
});

describe("an issuer that asks to come again", () => {
  const inSeconds = (seconds: number) => new Date(NOW + seconds * 1000).toUTCString();

  test.each<[number, string, number]>([
    [429, "1", 1],
    [503, "30", 30],
    [429, "0", 0],
    [429, inSeconds(20), 20],
    [503, inSeconds(-3600), 0],
  ])("with %i and Retry-After %s is waited for, once", async (status, after, seconds) => {
    const busy = saying(status, "", { "retry-after": after });
    expect(await issuerAt(await serving([busy, sayingToken({})])).issue("token_a", yes)).toBeDefined();
    expect(await issuerAt(await serving([busy, saying(200)])).revoke(LOGIN, yes)).toBe(true);
    expect(waits.splice(0)).toEqual([seconds * 1000, seconds * 1000]);
    const asked: IncomingMessage[] = [];
    const host = await serving([busy], asked);
    expect(await errorOf(issuerAt(host).issue("token_a", yes))).toMatchObject({
      name: "AuthorityPutsOff",
      message: `${host} asks to come again in ${seconds} s.`,
    });
    expect([waits, asked.length]).toEqual([[seconds * 1000], 2]);
  });

  test.each<[number, string, number]>([
    [429, "31", 31],
    [503, "3600", 3600],
    [429, inSeconds(31), 31],
  ])("with %i and Retry-After %s is not waited for", async (status, after, seconds) => {
    const host = await serving([saying(status, "", { "retry-after": after })]);
    expect(await errorOf(issuerAt(host).issue("token_a", yes))).toMatchObject({
      name: "AuthorityPutsOff",
      message: `${host} asks to come again in ${seconds} s.`,
    });
    expect(waits).toEqual([]);
  });

  test.each([
    "soon",
    "-1",
    "1.5",
    "1e3",
    "9".repeat(30),
    "marked-token",
    "2026-11-28",
    "Sat, 99 Nov 2026 02:00:00 GMT",
  ])("in words that are none (%s) cannot be reached", async (after) => {
    const host = await serving([saying(429, "", { "retry-after": after })]);
    const { name, all } = await errorOf(issuerAt(host).issue("token_a", yes));
    expect([name, waits]).toEqual(["AuthorityUnreachable", []]);
    expect(all).not.toContain("marked-token");
  });
});

describe("what the resource says of a token", () => {
  test.each<[Serve, string, string | undefined]>([
    [saying(200, "x".repeat(200_000)), "ACCEPTED", undefined],
    [saying(204), "ACCEPTED", undefined],
    [saying(401, "", { "www-authenticate": "Bearer marked-token" }), "REFUSED", "it answers 401"],
    [saying(403), "REFUSED", "it answers 403"],
    [saying(302, "", { location: "/login" }), "UNREACHABLE", "it answers 302"],
    [saying(400), "UNREACHABLE", "it answers 400"],
    [saying(404), "UNREACHABLE", "it answers 404"],
    [saying(429, "", { "retry-after": "1" }), "UNREACHABLE", "it answers 429"],
    [saying(500), "UNREACHABLE", "it answers 500"],
    [(response) => void response.writeHead(200, { "content-length": "9" }).write("x"), "ACCEPTED", undefined],
  ])("case %#: %s %s", async (serve, says, words) => {
    const host = await serving([serve]);
    const answer = { host, says, ...(words !== undefined && { words }) };
    expect(await issuerAt(host).accepts(LOGIN)).toEqual([answer]);
  });

  test("one that no header can carry is not sent", async () => {
    const asked: IncomingMessage[] = [];
    const host = await serving([saying(200)], asked);
    for (const password of ["marked token", "marked\ntoken", "marked\r\nx: y", "ü", ""]) {
      expect(await issuerAt(host).accepts({ user: "token_a", password })).toMatchObject([{ says: "REFUSED" }]);
    }
    expect(asked).toEqual([]);
  });
});

describe("neither key nor token goes elsewhere", () => {
  test.each([301, 302, 303, 307, 308])("by a redirect with %i", async (status) => {
    const asked: IncomingMessage[] = [];
    const elsewhere = await serving([sayingToken({})], asked);
    const host = await serving([saying(status, "", { location: `http://${elsewhere}/token` })]);
    const issuer = issuerAt(host);
    expect(await errorOf(issuer.issue("token_a", yes))).toMatchObject({ name: "AnswerUnfit" });
    expect(await errorOf(issuer.revoke(LOGIN, yes))).toMatchObject({ name: "AnswerUnfit" });
    expect(await issuer.accepts(LOGIN)).toMatchObject([{ says: "UNREACHABLE" }]);
    expect(asked).toEqual([]);
  });

  test.each([
    "http://issuer.example/x",
    "http://127.0.0.1.example.com/x",
    "http://localhost.example.com/x",
    "http://10.0.0.1/x",
    "ftp://127.0.0.1/x",
  ])("in the clear, to %s", async (url) => {
    const credential = { tokenUrl: url, revocationUrl: url, probeUrl: url };
    const touched: string[] = [];
    const untouched = { send: async () => void touched.push("key") } as unknown as SecretsManagerClient;
    const means = { secrets: untouched, wait: async () => {}, now: () => NOW };
    const issuer = oauth2Issuer(tokenCredentialOf(credential), means);
    const mayGoOn = async () => Boolean(touched.push("asked"));
    for (const asked of [issuer.issue("token_a", mayGoOn), issuer.revoke(LOGIN, mayGoOn), issuer.accepts(LOGIN)]) {
      const { name, message } = await errorOf(asked);
      expect([name, message]).toEqual([
        "AuthorityUnwilling",
        `The settings of the credential orders/token do not do: nothing is said in the clear to ${new URL(url).host}: set an address that begins with https.`,
      ]);
    }
    expect(touched).toEqual([]);
  });

  test.each<[string, Serve | "plain"]>([
    ["has a certificate that nobody vouches for", sayingToken({})],
    ["speaks no TLS", "plain"],
  ])("to an issuer that %s", async (_, serve) => {
    let bytes = "";
    const asked: IncomingMessage[] = [];
    const host = await listen(
      serve === "plain"
        ? createTcpServer((socket) => {
            socket.on("data", (data) => {
              bytes += data.toString("latin1");
              socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
            });
            socket.on("error", () => {});
          })
        : createTlsServer(selfSigned(), (request, response) => {
            asked.push(request);
            serve(response, request, "");
          }),
    );
    const url = `https://${host}/x`;
    const issuer = issuerAt(host, { tokenUrl: url, revocationUrl: url, probeUrl: url });
    for (const one of [issuer.issue("token_a", yes), issuer.revoke(LOGIN, yes)]) {
      const { name, message } = await errorOf(one);
      expect(name).toBe("AuthorityUnreachable");
      expect(message).toMatch(new RegExp(`^${host} cannot be reached: [A-Z_]+$`));
    }
    expect(await issuer.accepts(LOGIN)).toEqual([
      { host, says: "UNREACHABLE", words: expect.stringMatching(/^[A-Z_]+$/) },
    ]);
    expect(asked).toEqual([]);
    expect(bytes).not.toContain("marked");
  });
});

describe("a connection", () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ["that is reset before anything is said", (socket) => socket.resetAndDestroy(), "UNREACHABLE"],
    [
      "that is reset once the request was read",
      (socket) => socket.once("data", () => socket.resetAndDestroy()),
      "UNREACHABLE",
    ],
    ["that ends once the request was read", (socket) => socket.once("data", () => socket.end()), "UNREACHABLE"],
    [
      "that ends in the middle of the answer",
      (socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{")),
      "ACCEPTED",
    ],
    [
      "on which something else is spoken",
      (socket) => socket.once("data", () => socket.end("220 mail.example\r\n")),
      "UNREACHABLE",
    ],
  ])("%s: it is for the caller to ask again", async (_, treat, says) => {
    let connections = 0;
    const host = await listen(
      createTcpServer((socket) => {
        connections += 1;
        socket.on("error", () => {});
        treat(socket);
      }),
    );
    const issuer = issuerAt(host);
    for (const asked of [issuer.issue("token_a", yes), issuer.revoke(LOGIN, yes)]) {
      const { name, message } = await errorOf(asked);
      expect([name, message]).toEqual(["AuthorityUnreachable", expect.stringContaining(`${host} cannot be reached: `)]);
    }
    // Nothing was sent a second time: whether that may be is asked for each request.
    expect(connections).toBe(2);
    expect(await issuer.accepts(LOGIN)).toMatchObject([{ says }]);
  });

  test("to where nobody listens is refused", async () => {
    const host = await serving([saying(200)]);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await errorOf(issuerAt(host).issue("token_a", yes))).toMatchObject({
      name: "AuthorityUnreachable",
      message: `${host} cannot be reached: ECONNREFUSED`,
    });
  });

  test("is not kept for the next request, which may come after the other side has closed it", async () => {
    const asked: IncomingMessage[] = [];
    const host = await serving([sayingToken({}), saying(200)], asked);
    const issuer = issuerAt(host);
    await issuer.issue("token_a", yes);
    await issuer.revoke(LOGIN, yes);
    await issuer.accepts(LOGIN);
    expect(new Set(asked.map(({ socket }) => socket)).size).toBe(3);
    expect(asked.map(({ headers }) => headers.connection)).toEqual(["close", "close", "close"]);
    await expect.poll(() => sockets.size).toBe(0);
  });
});

describe("an issuer that repeats what it is told", () => {
  const ECHO = [200, 302, 400, 401, 403, 404, 429, 500, 503];

  test.each(ECHO)("with %i: no error holds anything of it", async (status) => {
    const seen: string[] = [];
    const echo: Serve = (response, { headers }, body) => {
      const { authorization = "" } = headers;
      const decoded = Buffer.from(authorization.split(" ")[1] ?? "", "base64").toString();
      const said = [authorization, decoded, ...Object.values(KEY), TOKEN, body].join(" | ");
      seen.push(said);
      const one = encodeURIComponent(said);
      const everywhere = { "www-authenticate": `Basic realm="${one}"`, "retry-after": one, "x-echo": one };
      response.statusMessage = one;
      response.writeHead(status, { ...everywhere, location: `/${one}` });
      response.end(
        JSON.stringify({ error: KEY.client_secret, error_description: said, access_token: 1, expires_in: said }),
      );
    };
    const host = await serving([echo]);
    const issuer = issuerAt(host);
    const shown = [(await errorOf(issuer.issue("token_a", yes))).all, inspect(await issuer.accepts(LOGIN))];
    if (status !== 200) shown.push((await errorOf(issuer.revoke(LOGIN, yes))).all);
    // It was told everything, or there would be nothing to repeat.
    expect(seen.join()).toMatch(/marked-id:marked%3Asecret%2F%2B.+client_credentials/s);
    const basic = Buffer.from("marked-id:marked%3Asecret%2F%2B").toString("base64");
    for (const all of shown) {
      expect(all).not.toMatch(/marked/);
      expect(all).not.toContain(basic.slice(0, 12));
    }
  });
});

test("what is asked is what RFC 6749 and RFC 7009 have", async () => {
  const requests: string[] = [];
  const host = await serving([
    (response, { method, url, headers }, body) => {
      const { authorization, "content-type": type, accept } = headers;
      requests.push([method, url, authorization, type, accept, body].join("\n"));
      response.end(JSON.stringify(GOOD));
    },
  ]);
  const issuer = issuerAt(host, { scope: "a b" });
  await issuer.issue("token_a", yes);
  await issuer.revoke(LOGIN, yes);
  await issuer.accepts(LOGIN);
  const basic = `Basic ${Buffer.from("marked-id:marked%3Asecret%2F%2B").toString("base64")}`;
  const form = "application/x-www-form-urlencoded;charset=UTF-8";
  expect(requests).toEqual([
    `POST\n/token\n${basic}\n${form}\napplication/json\nscope=a+b&grant_type=client_credentials`,
    `POST\n/revoke\n${basic}\n${form}\n*/*\ntoken_type_hint=access_token&token=marked-token`,
    "GET\n/resource\nBearer marked-token\n\n*/*\n",
  ]);
});
