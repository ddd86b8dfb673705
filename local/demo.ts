import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetAwsSettings } from "../operator/place/aws-settings.ts";
import type { Check } from "./demo/check.ts";
import { EmbeddedAccount } from "./demo/embedded-account.ts";
import type { FromAws } from "./demo/messages.ts";
import { HELP, npmWroteFirst, readDemoOptions } from "./demo/options.ts";
import { isOk, reportOn, table } from "./demo/report.ts";
import { ORDERS_TIMES, SHOP_TIMES } from "./demo/settings.ts";
import type { SharedDatabase } from "./demo/shared-credential.ts";
import { Story } from "./demo/story.ts";
import { tellStory } from "./demo/tell.ts";
import { Narrator } from "./narrator.ts";
import { UsageError } from "./options.ts";
import { startOrders } from "./orders/start-orders.ts";
import { startShop } from "./shop/start-shop.ts";
import { INTERRUPTED, whenAskedToStop } from "./stop-signal.ts";

/** `npm run demo`: the story of Keyturn once, unattended. */
async function main(): Promise<number> {
  const options = readDemoOptions(process.argv.slice(2), process.env);
  if (options === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  if (options.json && npmWroteFirst(process.env)) {
    process.stderr.write("npm has written two lines before the JSON. Without them: npm run demo --json\n");
  }
  forgetAwsSettings();
  const interruption = new AbortController();
  whenAskedToStop(() => interruption.abort());
  const interrupted = interruption.signal;
  const folder = mkdtempSync(join(tmpdir(), "keyturn-demo-"));
  let ok = false;
  try {
    ok = await play(folder, options, interrupted);
  } catch (error) {
    // Whatever Ctrl-C has cut off fails in its own way.
    if (!interrupted.aborted) throw error;
  } finally {
    if (ok || interrupted.aborted) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    else process.stderr.write(`What happened is kept in ${folder}; aws/aws.log there is the log.\n`);
  }
  if (interrupted.aborted) return INTERRUPTED;
  return ok ? 0 : 1;
}

/** Plays the story in a folder of its own, and prints what came out. Returns whether everything came out right. */
async function play(folder: string, options: { json: boolean }, interrupted: AbortSignal): Promise<boolean> {
  // With --json standard output belongs to the JSON alone.
  const say = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const narrator = new Narrator({ write: say, now: Date.now });
  const database = await startShared(join(folder, "orders"), say);
  const { issuer, ...shop } = await startShop(join(folder, "shop"), SHOP_TIMES);
  const shared = { shop, ...(database && { orders: database.orders }) };
  const account = new EmbeddedAccount(join(folder, "aws"), (message) => narrate(narrator, message), shared);
  try {
    await account.start();
    const story = new Story(account, {
      signal: interrupted,
      database,
      shop: { ...shop, issuer },
      tell: (sentence) => say(`\n${sentence}`),
      note: (sentence) => narrator.tell(sentence),
    });
    await tellStory(story, account).catch((error: Error) => {
      story.check("the story goes on to its end", "yes", error.message);
    });
    if (interrupted.aborted) return false;
    if (options.json) process.stdout.write(`${JSON.stringify(await reportOn(story), undefined, 2)}\n`);
    else say(`\n${table(story.checks)}\n\n${conclusion(story.checks)}`);
    story.close();
    return isOk(story.checks);
  } finally {
    await account.close();
    await issuer.close();
    await database?.server.remove();
  }
}

/** Starts the database whose credential is shared in the story; where it cannot be had, that part is left out. */
async function startShared(folder: string, say: (line: string) => void): Promise<SharedDatabase | undefined> {
  const started = await startOrders(folder, ORDERS_TIMES, { outlasts: false });
  if ("missing" in started) {
    say(`The part about a credential that applications share is left out: ${started.missing}`);
    return undefined;
  }
  const { server, ...orders } = started;
  return { folder, orders, server };
}

function conclusion(checks: Check[]): string {
  return isOk(checks) ? "Everything came out right." : "Something came out wrong.";
}

function narrate(narrator: Narrator, message: FromAws): void {
  if (message.kind === "event") narrator.onEvent(message.event, message.turns);
  if (message.kind === "call") narrator.onCall(message.call);
  if (message.kind === "mail") narrator.onMail(message.subject);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
