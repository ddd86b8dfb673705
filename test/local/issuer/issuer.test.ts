import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type IssuerOptions, type LocalIssuer, startIssuer } from "../../../local/issuer/start-issuer.ts";

const FIRST = { id: "first", secret: "s:+%/ü" };
const SECOND = { id: "se cond", secret: "another" };

const root = mkdtempSync(join(tmpdir(), "keyturn-test-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
function newFolder(): string {
  folders += 1;
  const folder = join(root, `${folders}`);
  mkdirSync(folder);
  return folder;
}

const started: LocalIssuer[] = [];
afterEach(async () => {
  for (const issuer of started.splice(0)) await issuer.close();
});
let time = 1_800_000_000_000;
async function start(options: Partial<IssuerOptions> = {}): Promise<LocalIssuer> {
  const issuer = await startIssuer({
    clients: [FIRST, SECOND],
    tokensPerKey: "many",
    lifetimeSeconds: 60,
    now: () => time,
    random: randomBytes,
    ...options,
  });
  started.push(issuer);
  return issuer;
}

const encoded = (text: string) => encodeURIComponent(text).replaceAll("%20", "+");
const basic = ({ id, secret }: { id: string; secret: string }) => ({
  authorization: `Basic ${Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString("base64")}`,
});

function post(url: string, fields: Record<string, string> | string, headers: Record<string, string> = basic(FIRST)) {
  const body = typeof fields === "string" ? fields : new URLSearchParams(fields).toString();
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return fetch(url, { method: "POST", headers: { ...type, connection: "close", ...headers }, body });
}

const GRANT = { grant_type: "client_credentials" };

async function tokenOf({ tokenUrl }: LocalIssuer, client = FIRST): Promise<string> {
  const response = await post(tokenUrl, GRANT, basic(client));
  expect(response.status).toBe(200);
  return ((await response.json()) as { access_token: string }).access_token;
}

async function statusWith({ resourceUrl }: LocalIssuer, token: string): Promise<number> {
  return (await fetch(resourceUrl, { headers: { authorization: `Bearer ${token}`, connection: "close" } })).status;
}

async function introspected({ introspectionUrl }: LocalIssuer, token: string): Promise<unknown> {
  return (await post(introspectionUrl, { token }, basic(SECOND))).json();
}

describe("tokens", () => {
  test("one is given as RFC 6749 has it, and opens the resource until it ends", async () => {
    const issuer = await start();
    const response = await post(issuer.tokenUrl, { ...GRANT, scope: "orders:read bills" });
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { access_token: token, ...rest } = (await response.json()) as { access_token: string };
    expect(rest).toEqual({ token_type: "Bearer", expires_in: 60, scope: "orders:read bills" });
    expect(await statusWith(issuer, token)).toBe(200);
    const times = { iat: time / 1000, exp: time / 1000 + 60 };
    const said = { active: true, client_id: "first", token_type: "Bearer", scope: "orders:read bills", ...times };
    expect(await introspected(issuer, token)).toEqual(said);
    time += 59_999;
    expect(await statusWith(issuer, token)).toBe(200);
    time += 1;
    expect(await statusWith(issuer, token)).toBe(401);
    expect(await introspected(issuer, token)).toEqual({ active: false });
  });

  test("of many tokens of a key each is honoured, and of one the last; another key's is not touched", async () => {
    for (const [tokensPerKey, status] of [
      ["many", 200],
      ["one", 401],
    ] as const) {
      const issuer = await start({ tokensPerKey });
      const others = await tokenOf(issuer, SECOND);
      const former = await tokenOf(issuer);
      const token = await tokenOf(issuer);
      expect(await statusWith(issuer, former)).toBe(status);
      expect(await statusWith(issuer, token)).toBe(200);
      expect(await statusWith(issuer, others)).toBe(200);
    }
  });

  test("a client revokes its own alone, and hears 200 of all others, too", async () => {
    const issuer = await start();
    const [own, others] = [await tokenOf(issuer), await tokenOf(issuer, SECOND)];
    for (const token of [own, others, "nobody's"]) {
      expect((await post(issuer.revocationUrl, { token, token_type_hint: "access_token" })).status).toBe(200);
    }
    expect(await statusWith(issuer, own)).toBe(401);
    expect(await statusWith(issuer, others)).toBe(200);
  });

  test("the next issuer on a folder honours them; there stand digests only, for nobody else to read", async () => {
    const folder = newFolder();
    const former = await start({ folder });
    const [kept, revoked] = [await tokenOf(former), await tokenOf(former)];
    former.handle.revoke(revoked);
    await former.close();
    const issuer = await start({ folder });
    expect(await statusWith(issuer, kept)).toBe(200);
    expect(await statusWith(issuer, revoked)).toBe(401);
    const [name, ...more] = readdirSync(folder);
    expect(more).toEqual([]);
    const file = join(folder, `${name}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).not.toContain(kept);
    expect(readFileSync(file, "utf8")).toContain(createHash("sha256").update(kept).digest("hex"));
  });

  test("what has ended is not kept for ever", async () => {
    const folder = newFolder();
    const issuer = await start({ folder });
    await tokenOf(issuer);
    time += 60_000;
    await tokenOf(issuer);
    const file = join(folder, `${readdirSync(folder)[0]}`);
    expect(JSON.parse(readFileSync(file, "utf8")).tokens.length).toBe(1);
  });

  test("a file that is no such thing is told of, and left as it is", async () => {
    const folder = newFolder();
    const file = join(folder, "issuer-tokens.json");
    for (const text of ["{", '{"tokens":[{"digest":"short"}]}', "[]"]) {
      writeFileSync(file, text);
      await expect(start({ folder })).rejects.toThrow(file);
      expect(readFileSync(file, "utf8")).toBe(text);
    }
  });

  test("where one cannot be kept, none is given, and the former one goes on", async () => {
    const folder = newFolder();
    const issuer = await start({ folder, tokensPerKey: "one" });
    const former = await tokenOf(issuer);
    mkdirSync(join(folder, "issuer-tokens.json.next"));
    const response = await post(issuer.tokenUrl, GRANT);
    expect([response.status, await response.json()]).toEqual([500, { error: "server_error" }]);
    expect(await statusWith(issuer, former)).toBe(200);
  });
});

describe("what it refuses", () => {
  const UNKNOWN = 'Basic realm="issuer", charset="UTF-8"';

  test.each<[string, Record<string, string>]>([
    ["no key", {}],
    ["another secret", basic({ ...FIRST, secret: "another" })],
    ["another client's secret", basic({ ...FIRST, secret: SECOND.secret })],
    ["a client that nobody knows", basic({ id: "third", secret: FIRST.secret })],
    ["an empty key", basic({ id: "", secret: "" })],
    ["another scheme", { authorization: "Bearer first" }],
    ["no base64", { authorization: "Basic ?" }],
    ["no colon", { authorization: `Basic ${Buffer.from("first").toString("base64")}` }],
    ["a broken form", { authorization: `Basic ${Buffer.from("first:%zz").toString("base64")}` }],
    ["a secret that is not form-encoded", { authorization: `Basic ${Buffer.from("first:s:+%/ü").toString("base64")}` }],
  ])("%s", async (_, headers) => {
    const issuer = await start();
    for (const url of [issuer.tokenUrl, issuer.revocationUrl, issuer.introspectionUrl]) {
      const response = await post(
        url,
        { ...GRANT, token: "any", client_id: FIRST.id, client_secret: FIRST.secret },
        headers,
      );
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe(UNKNOWN);
      expect(await response.json()).toEqual({ error: "invalid_client" });
    }
  });

  test.each<[string, string, number, string]>([
    ["without a grant", "", 400, "invalid_request"],
    ["with another grant", "grant_type=password", 400, "unsupported_grant_type"],
    ["with a field twice", "grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request"],
    ["with a scope that is none", "grant_type=client_credentials&scope=%22", 400, "invalid_scope"],
    ["that is too long", `grant_type=client_credentials&more=${"x".repeat(65_536)}`, 413, "invalid_request"],
  ])("a form %s", async (_, form, status, error) => {
    const issuer = await start();
    const response = await post(issuer.tokenUrl, form);
    expect([response.status, await response.json()]).toEqual([status, { error }]);
  });

  test("a body that is no form, and a form without a token", async () => {
    const issuer = await start();
    const json = { ...basic(FIRST), "content-type": "application/json" };
    expect((await post(issuer.tokenUrl, JSON.stringify(GRANT), json)).status).toBe(400);
    for (const url of [issuer.revocationUrl, issuer.introspectionUrl]) {
      expect((await post(url, {})).status).toBe(400);
    }
  });

  test("other paths and methods", async () => {
    const issuer = await start();
    const base = `http://127.0.0.1:${issuer.port}`;
    for (const path of ["/", "/token/", "/constructor", "/resource/x"])
      expect((await fetch(base + path)).status).toBe(404);
    for (const url of [issuer.tokenUrl, issuer.revocationUrl, issuer.introspectionUrl]) {
      const response = await fetch(url);
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    }
    expect((await post(issuer.resourceUrl, {})).status).toBe(405);
  });

  test("who shows the resource no token, or an unfit one, hears so as RFC 6750 has it", async () => {
    const issuer = await start();
    const token = await tokenOf(issuer);
    for (const [url, headers, challenge] of [
      [issuer.resourceUrl, {}, 'Bearer realm="resource"'],
      [`${issuer.resourceUrl}?access_token=${token}`, {}, 'Bearer realm="resource"'],
      [issuer.resourceUrl, basic(FIRST), 'Bearer realm="resource"'],
      [issuer.resourceUrl, { authorization: "Bearer other" }, 'Bearer realm="resource", error="invalid_token"'],
    ] as const) {
      const response = await fetch(url, { headers });
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, challenge]);
    }
    expect(issuer.handle.counts).toMatchObject({ resource: 4, refusedByResource: 4 });
  });
});

describe("on demand", () => {
  test("it refuses connections, and comes back on its port with its tokens", async () => {
    const issuer = await start();
    const token = await tokenOf(issuer);
    await issuer.handle.goAway("refusing");
    await expect(statusWith(issuer, token)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
    await issuer.handle.comeBack();
    expect(await statusWith(issuer, token)).toBe(200);
  });

  test("it answers nothing, and comes back", async () => {
    const issuer = await start();
    await issuer.handle.goAway("hanging");
    let outcome = "none";
    const hung = statusWith(issuer, "any").then(
      () => (outcome = "answer"),
      () => (outcome = "cut off"),
    );
    // Time for an answer that would be wrong.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(outcome).toBe("none");
    await issuer.handle.comeBack();
    await hung;
    expect(outcome).toBe("cut off");
    expect(await statusWith(issuer, "any")).toBe(401);
  });

  test("it holds the next request up, before its work and after it", async () => {
    const issuer = await start({ tokensPerKey: "one" });
    const first = await tokenOf(issuer);
    const before = issuer.handle.hold("token", "before");
    const second = tokenOf(issuer);
    await before.arrived;
    expect(issuer.handle.honours(first)).toBe(true);
    before.letGo();
    const held = issuer.handle.hold("revoke", "after");
    const revoking = post(issuer.revocationUrl, { token: await second });
    await held.arrived;
    expect(issuer.handle.honours(await second)).toBe(false);
    expect(issuer.handle.honours(await tokenOf(issuer))).toBe(true);
    held.letGo();
    expect((await revoking).status).toBe(200);
    const never = issuer.handle.hold("token", "before");
    never.letGo();
    await tokenOf(issuer);
  });

  test("it refuses a key, takes another secret, puts off, lies, and answers what is no token", async () => {
    const issuer = await start();
    const { behaviour } = issuer.handle;
    const token = await tokenOf(issuer);
    behaviour.refusedClients.add(FIRST.id);
    expect((await post(issuer.tokenUrl, GRANT)).status).toBe(401);
    expect((await post(issuer.tokenUrl, GRANT, basic(SECOND))).status).toBe(200);
    behaviour.refusedClients.clear();
    issuer.handle.setClient({ id: FIRST.id, secret: "turned" });
    expect((await post(issuer.tokenUrl, GRANT)).status).toBe(401);
    expect((await post(issuer.tokenUrl, GRANT, basic({ id: FIRST.id, secret: "turned" }))).status).toBe(200);
    issuer.handle.setClient(FIRST);
    behaviour.putsOff = "3600";
    const off = await post(issuer.tokenUrl, GRANT);
    expect([off.status, off.headers.get("retry-after")]).toEqual([429, "3600"]);
    behaviour.putsOff = undefined;
    behaviour.revokesNothing = true;
    expect((await post(issuer.revocationUrl, { token })).status).toBe(200);
    expect(await statusWith(issuer, token)).toBe(200);
    behaviour.says = { expires_in: "soon", token_type: undefined };
    expect(await (await post(issuer.tokenUrl, GRANT)).json()).toEqual({
      access_token: expect.any(String),
      expires_in: "soon",
    });
    behaviour.unfit = { status: 200, body: "<html>", headers: { "content-type": "text/html" } };
    expect(await (await post(issuer.tokenUrl, GRANT)).text()).toBe("<html>");
    issuer.handle.revoke(token);
    expect(await statusWith(issuer, token)).toBe(401);
    expect(issuer.handle.counts).toEqual({ token: 8, revoke: 1, introspect: 0, resource: 2, refusedByResource: 1 });
  });

  test("whoever goes away in the middle of a request does it no harm", async () => {
    const issuer = await start();
    const socket = connect(issuer.port, "127.0.0.1");
    const type = "content-type: application/x-www-form-urlencoded";
    socket.write(`POST /token HTTP/1.1\r\nhost: x\r\n${type}\r\ncontent-length: 100\r\n\r\ngrant`);
    await expect.poll(() => issuer.handle.counts.token).toBe(1);
    socket.destroy();
    await tokenOf(issuer);
  });
});
