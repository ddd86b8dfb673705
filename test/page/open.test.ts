import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { browserOf } from "../../operator/page/browser.ts";
import { behindPage } from "../../operator/page/open.ts";
import type { Trouble } from "../../operator/page/wire/live.ts";
import { findPlace, type Place } from "../../operator/place/place.ts";
import { findRunning, RUNNING_FILE } from "../../operator/place/running.ts";
import { keyturn } from "../operator/keyturn.ts";
import { type Answer, nothing, refusal, standIn, WHOSE } from "../operator/stand-in.ts";
import { askPage } from "./asking.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(answer: Answer) {
  const aws = await standIn(answer);
  closing.push(aws.close);
  return aws;
}

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

function runningAt(endpoint: string, page?: string): string {
  const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret-of-nobody" };
  return JSON.stringify({
    pid: process.pid,
    endpoint,
    region: "eu-west-1",
    account: "111122223333",
    credentials,
    page,
  });
}

describe("what AWS says stands on the page, for as long as it says so", () => {
  /** What a page over a place is told of trouble, the newest last. */
  function troublesAt(place: Place): (Trouble | null)[] {
    const options = { times: { lookMs: 20, beatMs: 20 }, freshMs: 1000 };
    const { live } = behindPage({ place, now: Date.now, stopped: new AbortController().signal }, options);
    const told: (Trouble | null)[] = [];
    closing.push(live.subscribe((name, text) => name === "trouble" && told.push(JSON.parse(text))));
    return told;
  }

  function placeAt(endpoint: string): Place {
    const data = dataFolder();
    writeFileSync(join(data, RUNNING_FILE), runningAt(endpoint));
    return findPlace({ data }, {});
  }
  const soon = { timeout: 30_000, interval: 5 };

  test.each([
    ["ThrottlingException", /^AWS throttles this account: going on more slowly\.$/],
    ["ExpiredTokenException", /^The credentials have expired .*Sign in again/],
    [
      "AccessDeniedException",
      /^AWS denies it: .* keyturn open needs the managed policy keyturn-reader-eu-west-1 .*attached/,
    ],
    ["ResourceNotFoundException", /^There is no Keyturn .*--stack; or deploy it there\.$/],
  ])("%s, and then all is well", async (name, sentence) => {
    let answer: Answer = refusal(name, "so it is");
    const { env } = await serve((response, about) => answer(response, about));
    const told = troublesAt(placeAt(env.AWS_ENDPOINT_URL ?? ""));
    await expect.poll(() => told.at(-1)?.message, soon).toMatch(sentence);
    answer = nothing;
    await expect.poll(() => told.at(-1), soon).toBeNull();
    expect(told.length).toBeLessThan(8);
  });

  test("that AWS throttles is said each time that it does", async () => {
    let throttled = 0;
    const { env } = await serve((response, about) => {
      throttled -= 1;
      return (throttled >= 0 ? refusal("ThrottlingException", "Rate exceeded") : nothing)(response, about);
    });
    const told = troublesAt(placeAt(env.AWS_ENDPOINT_URL ?? ""));
    for (const times of [1, 2]) {
      throttled = 1;
      await expect.poll(() => told.filter((one) => one !== null).length, soon).toBe(times);
      await expect.poll(() => told.at(-1), soon).toBeNull();
    }
  });

  test("an npm start that has ended, and begins anew elsewhere", async () => {
    const [first, next] = [await serve(nothing), await serve(nothing)];
    const place = placeAt(first.env.AWS_ENDPOINT_URL ?? "");
    const told = troublesAt(place);
    await vi.waitFor(() => expect(first.asked()).toBeGreaterThan(0), soon);
    first.close();
    await expect
      .poll(() => told.at(-1)?.message, soon)
      .toMatch(/^The npm start of .* does not answer at .* it is ending, or was killed\. Start it again/);
    expect(next.asked()).toBe(0);
    writeFileSync(join(place.data, RUNNING_FILE), runningAt(next.env.AWS_ENDPOINT_URL ?? ""));
    await expect.poll(() => told.at(-1), soon).toBeNull();
    expect(next.asked()).toBeGreaterThan(0);
  });
});

describe("keyturn open", () => {
  test("says where it serves, and ends by Ctrl-C", async () => {
    const { env } = await serve(nothing);
    let served: number | undefined;
    const ran = await keyturn(["open"], {
      env,
      onStart: (child) =>
        child.stdout?.once("data", async (data: Buffer) => {
          const page = { port: Number(new URL(String(data)).port) };
          served = (await askPage(page, "/api/place")).status;
          child.kill("SIGINT");
        }),
    });
    expect(ran.code).toBe(130);
    expect(ran.out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/);
    expect(ran.err).toMatch(/^It is served until Ctrl-C/);
    expect(served).toBe(401);
  });

  test("with --json says it as one document", async () => {
    const { env } = await serve(nothing);
    const onStart = (child: Parameters<NonNullable<Parameters<typeof keyturn>[1]>["onStart"] & object>[0]) =>
      void child.stdout?.once("data", () => child.kill("SIGINT"));
    const { code, out } = await keyturn(["open", "--json"], { env, onStart });
    const { address, port } = JSON.parse(out);
    expect({ code, address }).toEqual({ code: 130, address: expect.stringContaining(`:${port}/#token=`) });
  });

  test("says that a port is taken", async () => {
    const { env } = await serve(nothing);
    const taken = createServer().listen(0, "127.0.0.1");
    closing.push(() => void taken.close());
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, out, err } = await keyturn(["open", "--port", String(port)], { env });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(`Port ${port} on 127.0.0.1 is in use by another program`);
  });

  test("prints no address where there is nothing to be looked at", async () => {
    const { env } = await serve(refusal("ResourceNotFoundException", "Requested resource not found"));
    const { code, out, err } = await keyturn(["open"], { env });
    expect({ code, out }).toEqual({ code: 4, out: "" });
    expect(err).toContain("There is no Keyturn");
  });

  test.each(["x", "65536", "-1", "1.5"])("takes no port %s", async (port) => {
    const { code, out, err } = await keyturn(["open", `--port=${port}`], { env: WHOSE });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(`"${port}" is no port`);
  });

  test("beside npm start opens the page of that, which may act; to look only it serves one of its own", async () => {
    const { env } = await serve(nothing);
    const data = dataFolder();
    const { env: page } = await serve(nothing);
    const own = `${page.AWS_ENDPOINT_URL}/#token=its-own`;
    writeFileSync(join(data, RUNNING_FILE), runningAt(env.AWS_ENDPOINT_URL ?? "", own));
    const opened = await keyturn(["open", "--data", data]);
    expect(opened).toEqual({ code: 0, out: `${own}\n`, err: "" });
    const misused = await keyturn(["open", "--data", data, "--port", "8080"]);
    expect({ code: misused.code, out: misused.out }).toEqual({ code: 2, out: "" });
    const looking = await keyturn(["open", "--data", data, "--read-only"], {
      onStart: (child) => void child.stdout?.once("data", () => child.kill("SIGINT")),
    });
    expect(looking.code).toBe(130);
    expect(looking.out).not.toContain("its-own");
  });

  test("of an npm start that was killed, whose number another process has, it prints no address", async () => {
    const data = dataFolder();
    writeFileSync(join(data, RUNNING_FILE), runningAt("http://127.0.0.1:1", "http://127.0.0.1:1/#token=its-own"));
    const { code, out, err } = await keyturn(["open", "--data", data]);
    expect({ code, out }).toEqual({ code: 4, out: "" });
    expect(err).toContain(`The page of the npm start of ${data} does not answer`);
  });

  test.each(["javascript:alert(1)", "file:///etc/passwd", "http://evil.example/#token=x"])(
    "what is no page of this computer is opened by nobody: %s",
    (page) => {
      const data = dataFolder();
      writeFileSync(join(data, RUNNING_FILE), runningAt("http://127.0.0.1:1", page));
      expect(findRunning(data)).toBeUndefined();
    },
  );

  test("opens a browser where one can be seen", () => {
    expect(browserOf("darwin", {})).toBe("open");
    expect(browserOf("linux", { DISPLAY: ":0" })).toBe("xdg-open");
    expect(browserOf("linux", { WAYLAND_DISPLAY: "wayland-0" })).toBe("xdg-open");
    expect(browserOf("linux", {})).toBeUndefined();
    expect(browserOf("win32", { DISPLAY: ":0" })).toBeUndefined();
  });
});
