import { connect, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import type { InstanceRow } from "../../operator/page/wire/live.ts";
import { askPage, cookieOf } from "./asking.ts";
import { pageDesk } from "./desk.ts";

const MEGABYTE = 1_000_000;
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** So often it changes. */
const CHANGES = 25;

/** A page whose only instance is a megabyte long, and for a while another one at each look. */
async function largePage() {
  let n = 0;
  const instance = () =>
    ({ id: "a1b2c3", generation: Math.min(n, CHANGES), words: ["x".repeat(MEGABYTE)] }) as unknown as InstanceRow;
  const snapshot = () => {
    n += 1;
    return { readAt: n, instances: [instance()], standing: [], credentials: [], freshMs: 1000 };
  };
  const page = await pageDesk({ snapshot });
  closing.push(() => page.close());
  return { page, looks: () => n };
}

async function openLive(port: number, cookie: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  closing.push(() => void socket.destroy());
  socket.write(`GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n\r\n`);
  await new Promise((resolve) => socket.once("readable", resolve));
  return socket;
}

test("for a tab that does not read nothing is kept, and once it reads it is told how things are by then", async () => {
  const { page, looks } = await largePage();
  const socket = await openLive(page.port, await cookieOf(page));
  await expect.poll(looks, { timeout: 60_000 }).toBeGreaterThan(CHANGES);
  let bytes = 0;
  let tail = "";
  let newest = 0;
  socket.on("data", (data: Buffer) => {
    bytes += data.length;
    const text = tail + data.toString("latin1");
    for (const [, n] of text.matchAll(/"generation":(\d+),/g)) newest = Math.max(newest, Number(n));
    tail = text.slice(-40);
  });
  await vi.waitFor(() => expect(newest).toBe(CHANGES), { timeout: 60_000, interval: 5 });
  // What the system itself holds for a connection, a snapshot that was under way, and the newest.
  expect(bytes).toBeLessThan(15 * MEGABYTE);
});

test("a page that is closed ends for all who look", async () => {
  const { page } = await largePage();
  const socket = await openLive(page.port, await cookieOf(page));
  socket.resume();
  const ended = new Promise((resolve) => socket.once("close", resolve));
  await page.close();
  await ended;
  await expect(askPage(page, "/")).rejects.toThrow("ECONNREFUSED");
});
