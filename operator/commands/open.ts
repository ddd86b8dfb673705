import { randomBytes } from "node:crypto";
import { request } from "node:http";
import type { Context, Outcome, Run } from "../context.ts";
import { EXIT, misused, Stopped } from "../exits.ts";
import { browserOf, openBrowser } from "../page/browser.ts";
import { openPage } from "../page/open.ts";
import type { ServedPage } from "../page/server/serve.ts";
import type { Place } from "../place/place.ts";
import { readFreshMs } from "../reads/schedule.ts";

interface Options {
  port?: number;
  readOnly?: true;
  browser: boolean;
}

/** Samples come each minute on an account, and cost a Query an instance. */
const TIMES = { here: { lookMs: 700, beatMs: 700 }, aws: { lookMs: 1500, beatMs: 30_000 } } as const;

export const run: Run<Options> = async ({ options }, context) => {
  const { out, stopped, place } = context;
  const isShown = options.browser && out.isTerminal && !out.json;
  const browser = isShown ? browserOf(process.platform, process.env) : undefined;
  const show = (address: string) => void (browser !== undefined && openBrowser(browser, address));

  const { page: own } = place.running ?? {};
  if (own !== undefined && !options.readOnly) {
    if (options.port !== undefined)
      throw misused(
        "The page of npm start has its port: leave --port out, or say --read-only for one that only looks.",
      );
    await demandAnswer(own, place);
    show(own);
    return outcomeOf(own);
  }
  const page = await serve(context, options.port ?? 0);
  try {
    const { document, print } = outcomeOf(page.address);
    if (out.json) out.raw(`${JSON.stringify(document, null, 2)}\n`);
    else print(out);
    out.note("It is served until Ctrl-C, for this computer alone. Nothing can be done by it: it only looks.");
    show(page.address);
    if (!stopped.aborted) await new Promise((resolve) => stopped.addEventListener("abort", resolve, { once: true }));
  } finally {
    await page.close();
  }
  stopped.throwIfAborted();
  throw new Error("it was not interrupted");
};

/** Far more than it takes, also where this computer is busy. */
const ANSWER_MS = 10_000;

/**
 * The file of an npm start that was killed is believed while any process has its number.
 *
 * @throws Stopped where its page does not answer
 */
async function demandAnswer(page: string, { data, running }: Pick<Place, "data" | "running">): Promise<void> {
  try {
    await answers(new URL("/api/place", page));
  } catch {
    throw new Stopped(
      EXIT.nowhere,
      `The page of the npm start of ${data} does not answer (process ${running?.pid}): it is ending, or was killed. Start it again.`,
    );
  }
}

/**
 * Waits for whatever it answers: who has no cookie is told nothing, and nothing is loaded for it. Not by `fetch`, nor by the agent that
 * all share: either may ask a proxy that is set for the outside.
 */
function answers(url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "HEAD", agent: false, signal: AbortSignal.timeout(ANSWER_MS) }, (response) => {
      response.resume();
      resolve();
    });
    asked.once("error", reject).end();
  });
}

/** @throws Stopped where the port cannot be had; what AWS says to the first look */
async function serve(context: Context, port: number): Promise<ServedPage> {
  const freshMs = readFreshMs(context);
  const token = randomBytes(32).toString("base64url");
  const options = { times: TIMES[context.place.kind], freshMs: await freshMs };
  try {
    return await openPage(context, { port, token }, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = { EADDRINUSE: "is in use by another program", EACCES: "is one that only root may open" }[String(code)];
    if (why === undefined) throw error;
    throw new Stopped(
      EXIT.failed,
      `Port ${port} on 127.0.0.1 ${why}: choose another with --port, or leave it out for any that is free.`,
    );
  }
}

/** The address, which lets in whoever has it. */
function outcomeOf(address: string): Outcome {
  return {
    code: EXIT.done,
    document: { address, port: Number(new URL(address).port) },
    print: (out) => out.line(address),
  };
}
