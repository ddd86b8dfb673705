import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { misused, refused } from "../../operator/exits.ts";
import { LONGEST_BODY } from "../../operator/page/server/body.ts";
import type { Route } from "../../operator/page/server/routes.ts";
import type { ServedPage } from "../../operator/page/server/serve.ts";
import { askPage, cookieOf, post } from "./asking.ts";
import { pageDesk } from "./desk.ts";

// Over real sockets, with headers that no browser would send: who is let in, what is served, and how what makes no sense is answered.

const EMPTY = { readAt: 0, instances: [], standing: [], credentials: [], freshMs: 1000 };
const got = (path: string, answer: Route["answer"]): Route => ({ method: "GET", path, answer });
const ROUTES: Route[] = [
  got("/api/echo/:what", async ({ params, query }) => ({ ...params, query: query.get("q") })),
  got("/api/refused", () => Promise.reject(refused("Nobody is meant."))),
  got("/api/misused", () => Promise.reject(misused("That is no day."))),
  got("/api/broken", () => Promise.reject(new TypeError("x is no function"))),
  { method: "POST", path: "/here/act", answer: async ({ body }) => body },
];

let page: ServedPage;
let other: ServedPage;
let cookie: string;
const ask = (path: string, headers = {}, method = "GET") => askPage(page, path, { headers, method });
const own = () => new URL(page.address).origin;

beforeAll(async () => {
  page = await pageDesk({ snapshot: () => EMPTY, routes: ROUTES });
  other = await pageDesk({ snapshot: () => EMPTY });
  cookie = await cookieOf(page);
});
afterAll(async () => {
  await page.close();
  await other.close();
});

describe("who asks", () => {
  test.each([
    "example.com:PORT",
    "example.com",
    "127.0.0.1",
    "127.0.0.1:1",
    "127.0.0.1.example.com:PORT",
    "[::1]:PORT",
  ])("under the name %s is refused, with cookie and all: a name of somebody's own may lead here", async (name) => {
    const host = name.replace("PORT", String(page.port));
    for (const path of ["/", "/main.js", "/api/place"])
      expect((await ask(path, { host, cookie })).status, path).toBe(403);
    const headers = { host, origin: `http://${host}`, cookie };
    expect((await askPage(page, "/here/act", { method: "POST", headers, body: "{}" })).status).toBe(403);
  });

  test("under the name localhost is as good as by the address", async () => {
    expect((await ask("/api/place", { host: `localhost:${page.port}`, cookie })).status).toBe(200);
  });

  test("from another page, or without a word from which, posts nothing", async () => {
    const body = JSON.stringify({ token: "t".repeat(43) });
    for (const origin of [
      undefined,
      "null",
      "http://example.com",
      `http://127.0.0.1:${other.port}`,
      `https://127.0.0.1:${page.port}`,
    ]) {
      const headers = { cookie, ...(origin && { origin }) };
      for (const path of ["/session", "/here/act", "/nothing"]) {
        expect((await askPage(page, path, { method: "POST", headers, body })).status, `${origin} ${path}`).toBe(403);
      }
    }
    expect((await post(page, "/here/act", { does: "it" }, { cookie })).text).toBe('{"does":"it"}');
  });

  test.each([
    { origin: "http://example.com" },
    { "sec-fetch-site": "cross-site" },
    // Another port of this computer is the same site, and is sent the cookie by a browser.
    { "sec-fetch-site": "same-site" },
  ])("from another page, by %o, is told nothing", async (headers) => {
    for (const path of ["/api/place", "/api/live", "/here/act", "/main.js"])
      expect((await ask(path, { ...headers, cookie })).status, path).toBe(403);
  });

  test("by a link on another page gets the page, which has nothing in it", async () => {
    expect((await ask("/", { "sec-fetch-site": "cross-site" })).status).toBe(200);
    for (const site of ["same-origin", "none"])
      expect((await ask("/api/place", { cookie, "sec-fetch-site": site })).status).toBe(200);
  });

  test("without the cookie of this very port is let in nowhere", async () => {
    const [name = "", value = ""] = cookie.split("=");
    const others = [
      ...["", await cookieOf(other), `${name}=`, `${name}=${value.slice(1)}`, `${name}=${value}0`, `other=${value}`],
      // Of the same token, but made for another port.
      `${name}=${(await cookieOf(other)).split("=")[1]}`,
    ];
    const paths = ["/api/place", "/api/live", ...ROUTES.map(({ path }) => path), "/api/nothing", "/here/nothing"];
    for (const path of paths) {
      for (const wrong of others) {
        expect((await ask(path, { cookie: wrong })).status, `${path} ${wrong}`).toBe(401);
        const posted = await post(page, path, {}, { cookie: wrong });
        expect(posted.status, `${path} ${wrong}`).toBe(401);
      }
    }
    expect((await ask("/api/place", { cookie: `a=b; ${cookie}; c` })).status).toBe(200);
  });

  test.each([undefined, "", 7, null, "t".repeat(42), "t".repeat(44), "u".repeat(43)])(
    "with the token %o gets no cookie",
    async (token) => {
      const { status, headers } = await post(page, "/session", { token });
      expect({ status, cookie: headers["set-cookie"] }).toEqual({ status: 401, cookie: undefined });
    },
  );

  test("with the token gets a cookie that no script reads, and that is sent from nowhere else", async () => {
    const { headers } = await post(page, "/session", { token: "t".repeat(43) });
    expect(headers["set-cookie"]).toEqual([
      expect.stringMatching(new RegExp(`^keyturn-${page.port}=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict$`)),
    ]);
  });

  test("cannot be another computer", async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
    for (const host of [...addresses.filter((one) => one !== "127.0.0.1"), "127.0.0.2"]) {
      const refusal = await new Promise((resolve) => {
        const socket = connect({ host, port: page.port }, () => resolve(undefined));
        socket.once("error", resolve);
        socket.once("connect", () => socket.destroy());
      });
      expect(refusal, host).toBeInstanceOf(Error);
    }
  });
});

describe("what is answered", () => {
  const ALL = ["/", "/main.js", "/nothing", "/api/place", "/api/nothing", "/api/broken", "/%E0%A4%A", "/api/echo/%"];

  test.each(ALL)("to %s bears the rules that a browser keeps, whoever asks", async (path) => {
    for (const headers of [{ cookie }, {}, { host: "example.com" }]) {
      for (const method of ["GET", "HEAD", "PUT"]) {
        const answer = await ask(path, headers, method);
        expect(answer.headers["content-security-policy"], `${method} ${path}`).toMatch(/^default-src 'self'; /);
        expect(answer.headers["x-content-type-options"]).toBe("nosniff");
        expect(answer.headers["referrer-policy"]).toBe("no-referrer");
        expect(answer.text).not.toMatch(/\n\s+at /);
      }
    }
  });

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])("%s is no way to ask", async (method) => {
    const { status, headers } = await ask("/api/place", { cookie, origin: own() }, method);
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: "GET, HEAD, POST" });
  });

  test("a HEAD is answered as a GET, without its body", async () => {
    const { status, headers, text } = await ask("/", {}, "HEAD");
    expect({ status, type: headers["content-type"], text }).toEqual({
      status: 200,
      type: "text/html; charset=utf-8",
      text: "",
    });
    expect((await ask("/api/place", { cookie }, "HEAD")).status).toBe(200);
    // It would never end.
    expect((await ask("/api/live", { cookie }, "HEAD")).status).toBe(404);
  });

  test.each(["/%", "/api/echo/%E0%A4%A", "/api/%zz", "http://example.com/api/place", "*"])(
    "%s makes no sense",
    async (path) => {
      expect((await ask(path, { cookie })).status).toBe(400);
    },
  );

  test.each(["/../package.json", "/..%2fpackage.json", "/client/main.tsx", "//api/place", "/main.js/", "/index.html"])(
    "%s is not served: nothing is, but what was bundled",
    async (path) => {
      expect((await ask(path, { cookie })).status).toBe(404);
    },
  );

  test("what stands in a path comes decoded", async () => {
    const { text } = await ask("/api/echo/orders%2Fdb?q=a%20b", { cookie });
    expect(JSON.parse(text)).toEqual({ what: "orders/db", query: "a b" });
  });

  test("what goes wrong is a sentence, and a status that says whose fault it is", async () => {
    const said = async (path: string) => {
      const { status, text } = await ask(path, { cookie });
      return [status, JSON.parse(text)];
    };
    expect(await said("/api/refused")).toEqual([404, { error: "Nobody is meant." }]);
    expect(await said("/api/misused")).toEqual([400, { error: "That is no day." }]);
    expect(await said("/api/broken")).toEqual([502, { error: "x is no function" }]);
  });

  test("who posts too much is told so before all of it came", async () => {
    const headers = { cookie, origin: own() };
    const long = { method: "POST", unfinished: true } as const;
    const said = await askPage(page, "/here/act", {
      ...long,
      headers: { ...headers, "content-length": 1e9 },
      body: "{",
    });
    expect(said.status).toBe(413);
    const chunked = await askPage(page, "/here/act", { ...long, headers, body: `"${"x".repeat(LONGEST_BODY)}"` });
    expect(chunked.status).toBe(413);
    expect((await askPage(page, "/here/act", { method: "POST", headers, body: "{" })).status).toBe(400);
    expect((await post(page, "/here/act", "x".repeat(LONGEST_BODY - 2), { cookie })).status).toBe(200);
  });
});

test("what is behind the page is made once somebody is let in, and again where that failed", async () => {
  const { servePage } = await import("../../operator/page/server/serve.ts");
  let times = 0;
  const behind = () => {
    times += 1;
    return Promise.reject(new Error("a path of this computer"));
  };
  const lazy = await servePage({ port: 0, token: "t".repeat(43), behind });
  try {
    await askPage(lazy, "/");
    await askPage(lazy, "/api/place");
    const mine = await cookieOf(lazy);
    expect(times).toBe(0);
    for (const _ of [1, 2]) {
      const { status, text } = await askPage(lazy, "/api/place", { headers: { cookie: mine } });
      expect([status, text]).toEqual([500, expect.not.stringContaining("path")]);
    }
    expect(times).toBe(2);
  } finally {
    await lazy.close();
  }
});
