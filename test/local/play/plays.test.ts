import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACCOUNT, type EmbeddedAws } from "embedded-aws";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { actRoutes } from "../../../local/acts.ts";
import { startFleet } from "../../../local/fleet.ts";
import { contextHere } from "../../../local/here.ts";
import { type Orders, startOrders } from "../../../local/orders/start-orders.ts";
import { Visitors } from "../../../local/orders/visitors.ts";
import type { Plays } from "../../../local/play/plays.ts";
import { playRoutes } from "../../../local/play/routes.ts";
import { startPlays } from "../../../local/play/start-plays.ts";
import { run as rekey } from "../../../operator/commands/rekey.ts";
import { run as rotate } from "../../../operator/commands/rotate.ts";
import type { Context } from "../../../operator/context.ts";
import type { Route } from "../../../operator/page/server/routes.ts";
import type { PlayRow, PlaysDocument, RunRow } from "../../../operator/page/wire/plays.ts";
import { RUNNING_FILE } from "../../../operator/place/running.ts";
import { SETTINGS } from "../../flows/support.ts";

const AGENTS = 6;
const TIMES = { sampleMs: 1000, lookMs: 2000, skewMs: 1000 };
let folder: string;
let database: Awaited<ReturnType<typeof startOrders>>;
let visitors: Visitors | undefined;
let aws: EmbeddedAws;
let plays: Plays | undefined;
let context: Context;
let mails = 0;
const ending = new AbortController();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  database = await startOrders(folder, { quietSeconds: 1, deadlineSeconds: 20 });
  aws = await startFleet({
    ...{ folder, port: 0, scheduleSeconds: 3600, trailDelayMs: 500 },
    ...("server" in database && { orders: database }),
    settings: { ...SETTINGS, secondLookSeconds: 1, watchSeconds: { looks: TIMES.lookMs / 1000, proofs: 1 } },
    onEvent: (event) => plays?.take({ kind: "event", type: event["detail-type"], detail: event.detail }),
    onMail({ subject }) {
      mails += 1;
      plays?.take({ kind: "mail", number: mails, subject });
    },
  });
  const { endpoint, region, credentials } = aws;
  const running = { pid: process.pid, endpoint, region, account: ACCOUNT, credentials };
  writeFileSync(join(folder, RUNNING_FILE), JSON.stringify(running));
  aws.instances.launch(AGENTS);
  if ("server" in database) visitors = new Visitors({ ports: database.ports, tell: () => undefined });
  visitors?.start();
  context = contextHere(folder, ending.signal);
  plays = startPlays({
    ...{ aws, context, folder, keyturn: "npx keyturn", times: TIMES, tell: () => undefined },
    orders: database as Orders | { missing: string },
    killAndStartAgain: undefined,
  });
  await vi.waitFor(async () => expect((await row("tamper")).on).toHaveLength(AGENTS), { timeout: 60_000 });
});
afterAll(async () => {
  ending.abort();
  plays?.close();
  visitors?.stop();
  await aws?.close();
  if ("server" in database) await database.server.stop();
  rmSync(folder, { recursive: true, maxRetries: 10 });
});

/** Asks a route as the page does. */
async function ask<Answer>(routes: readonly Route[], path: string, params: Record<string, string>, body?: unknown) {
  const route = routes.find((one) => one.path === path && (one.method === "POST") === (body !== undefined));
  const asked = { params, query: new URLSearchParams(), body, gone: new AbortController().signal };
  return (await route?.answer(asked)) as Answer;
}

const routes = () => playRoutes(plays as Plays);
const document = () => ask<PlaysDocument>(routes(), "/here/plays", {});
const row = async (name: string) => (await document()).plays.find((one) => one.name === name) as PlayRow;
const play = (name: string, id?: string) =>
  ask<RunRow>(routes(), "/here/plays/:name", { name }, id === undefined ? {} : { id });
const mend = (number: number) => ask<RunRow>(routes(), "/here/runs/:number/mend", { number: String(number) }, {});
const act = (name: string, body: unknown) =>
  ask<{ results?: { outcome: string }[]; sound?: number }>(actRoutes(context), "/here/acts/:act", { act: name }, body);

/** Waits until so many of what is expected of a run have come; all of it, where no number is given. */
async function came(number: number, count?: number): Promise<RunRow> {
  return vi.waitFor(
    async () => {
      const run = (await document()).runs.find((one) => one.number === number) as RunRow;
      const open = run.expectations.slice(0, count).filter(({ metAt }) => metAt === undefined);
      expect([run.title, run.failed, open.map(({ says }) => says)]).toEqual([run.title, undefined, []]);
      return run;
    },
    { timeout: 90_000, interval: 200 },
  );
}

test("each fault happens, shows as it was said, and is mended", async () => {
  const [a = "", b = "", c = "", d = "", e = "", f = ""] = (await row("tamper")).on ?? [];
  const tampered = await play("tamper");
  expect(tampered.id).toBe(a);
  // What was just played on shows nothing yet, and is nobody else's.
  await expect(play("freeze", a)).rejects.toThrow("part of another play");
  const frozen = await play("freeze", b);
  const cloned = await play("clone", c);
  const stopped = await play("stop", d);
  const posed = await play("impostor", e);
  const exposed = await play("expose");
  const altered = "server" in database ? await play("password") : undefined;

  const mailed = await came(tampered.number, 2);
  expect(mailed.expectations[0]?.links).toMatchObject([{ label: "See the execution", view: "execution" }]);
  expect(mailed.expectations[1]?.links).toEqual([
    { label: "Read the mail", view: "inbox", about: expect.stringMatching(/^\d+$/) },
  ]);
  expect(mailed.expectations[2]?.command).toBe(`npx keyturn rekey ${a}`);
  await rekey({ arguments: [a], options: {} }, context);
  await came(frozen.number, 2);
  await mend(frozen.number);
  await came(stopped.number, 1);
  await expect(play("clone", d)).rejects.toThrow(`${d} is STOPPED`);
  await mend(stopped.number);
  await came(cloned.number, 3);
  await mend(cloned.number);
  await came(posed.number);
  if (altered !== undefined) {
    await came(altered.number, 3);
    await rotate({ arguments: ["orders/db"], options: { heal: true } }, context);
  }
  for (const { number } of [tampered, frozen, stopped, cloned, exposed, ...(altered ? [altered] : [])])
    await came(number);
  await expect(mend(frozen.number)).rejects.toThrow("nothing of this run");

  // Again, on the same: the finding is the same within the hour, and people were told of it.
  await vi.waitFor(async () => expect((await row("tamper")).on).toContain(b));
  const again = await play("freeze", b);
  expect(again.expectations[1]).toMatchObject({
    says: expect.stringContaining("No second mail"),
    metAt: expect.any(Number),
  });
  await came(again.number, 2);
  await mend(again.number);
  await came(again.number);
  // Of whom nothing was told yet comes first.
  expect([d, e, f]).toContain((await row("tamper")).on?.[0]);
});

test("what makes no sense is refused in a sentence", async () => {
  await expect(play("nothing")).rejects.toThrow("There is no play of this name. There are tamper, freeze");
  await expect(play("tamper", "ffffff")).rejects.toThrow("No instance is registered under ffffff.");
  await expect(play("kill")).rejects.toThrow("was not started by npm start");
  await expect(play("tamper", "../etc")).rejects.toThrow("A play takes { id }");
  await expect(mend(Number.NaN)).rejects.toThrow("A run has a number.");
});

test("the page acts by the very commands: what they answer is the answer, and what they refuse is refused", async () => {
  const [id = ""] = (await row("tamper")).on ?? [];
  expect((await act("rotate", { ids: [id], reason: "a test" })).results).toMatchObject([{ outcome: "ROTATED" }]);
  expect(await act("check", { ids: [id] })).toMatchObject({ sound: 1 });
  expect((await act("quarantine", { ids: [id] })).results).toMatchObject([{ outcome: "QUARANTINED" }]);
  await expect(act("rotate", { ids: [id] })).rejects.toThrow(`${id} is in quarantine, and is not turned.`);
  expect((await act("release", { ids: [id] })).results).toMatchObject([{ outcome: "RELEASED" }]);
  await expect(act("retire", { ids: [id] })).rejects.toThrow("The page does not do this.");
  await expect(act("constructor", { ids: [id] })).rejects.toThrow("The page does not do this.");
  await expect(act("rotate", { ids: ["ffffff"] })).rejects.toThrow("No instance is registered under ffffff");
  await expect(act("quarantine", { ids: ["orders/db"] })).rejects.toThrow("is not the ID of an instance");
  for (const body of [undefined, {}, { ids: [] }, { ids: [id], all: true }, { ids: Array(101).fill(id) }]) {
    await expect(act("rotate", body ?? null)).rejects.toThrow("An act takes { ids, reason? }");
  }
  await expect(act("rotate", { ids: [id], reason: "two\nlines" })).rejects.toThrow("one line");
});
