import { rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ACCOUNT, type EmbeddedAws, Faults } from "embedded-aws";
import { stop as endBundler } from "esbuild";
import { SettingsError } from "../infra/settings/error.ts";
import { MAIL_FOLDER, mailNumberOf } from "../operator/mail-file.ts";
import type { ServedPage } from "../operator/page/server/serve.ts";
import { forgetAwsSettings } from "../operator/place/aws-settings.ts";
import { keyturnFor } from "../operator/place/keyturn-for.ts";
import { RUNNING_FILE, type Running } from "../operator/place/running.ts";
import { actRoutes } from "./acts.ts";
import { FolderError, takeDataFolder } from "./data-folder.ts";
import { settingsAsOnAws } from "./deploy-flows.ts";
import { startFleet } from "./fleet.ts";
import { turnsOf } from "./fleet-runs.ts";
import { contextHere } from "./here.ts";
import { introduction } from "./introduction.ts";
import { keepTurning } from "./keep-turning.ts";
import { appendLog } from "./log.ts";
import { keepMail } from "./mail-folder.ts";
import { Narrator } from "./narrator.ts";
import { HELP, type Options, readOptions, UsageError } from "./options.ts";
import { ORDERS_SECRET, type OrdersTimes } from "./orders/orders.ts";
import { OrdersSecrets } from "./orders/secrets.ts";
import { type Orders, startOrders } from "./orders/start-orders.ts";
import { Visitors } from "./orders/visitors.ts";
import { servePageHere } from "./page.ts";
import type { Fact } from "./play/expectation.ts";
import type { Plays } from "./play/plays.ts";
import { playRoutes } from "./play/routes.ts";
import { startPlays } from "./play/start-plays.ts";
import { demandPort, PortError } from "./port.ts";
import { ShopSecrets } from "./shop/secrets.ts";
import { SHOP_SECRET, type ShopTimes } from "./shop/shop.ts";
import { type Shop, startShop } from "./shop/start-shop.ts";
import { ShopVisitors } from "./shop/visitors.ts";
import { isStartedAgain, killAndStartAgain } from "./start-again.ts";
import { whenAskedToStop } from "./stop-signal.ts";

/** A credential that is shared is turned in seconds here, as keys are. */
const ORDERS_TIMES: OrdersTimes = { quietSeconds: 5, deadlineSeconds: 30 };

/** The same of the token, which lasts for as long as nobody need start this anew. */
const SHOP_TIMES: ShopTimes = { ...ORDERS_TIMES, lifetimeSeconds: 24 * 3600 };

/** CloudTrail has a call after minutes, and is asked a second time later; here after seconds. */
const TRAIL = { delayMs: 4000, secondLookSeconds: 10 };

/** An instance whose newest sample is older than so many intervals is looked for. */
const FRESH_INTERVALS = 3;

/** All agents share this machine's clock. */
const SKEW_SECONDS = 1;

/** Two quiet times pass from a turn until the former user is shut for good; the next turn comes after that. */
const TURN_AFTER_SECONDS = 6 * ORDERS_TIMES.quietSeconds;

/** `npm start`: Keyturn on this machine, until Ctrl-C. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  forgetAwsSettings();
  // What is wrong with them is said before anything is made.
  settingsAsOnAws();
  const stopped = new Promise<void>((resolve) => whenAskedToStop(resolve));
  const data = takeDataFolder(options.data);
  let isUp = false;
  let database: Awaited<ReturnType<typeof startOrders>> | undefined;
  let shop: Awaited<ReturnType<typeof startShop>> | undefined;
  let page: ServedPage | undefined;
  let plays: Plays | undefined;
  const ending = new AbortController();
  try {
    await demandPort(options.port);
    if (options.fresh && !isStartedAgain()) data.empty();
    const write = (line: string) => process.stdout.write(`${line}\n`);
    const pathOf = (...parts: string[]) => pathFor(data.path, ...parts);
    const narrator = new Narrator({
      write,
      now: Date.now,
      everySeconds: options.everySeconds,
      filesOf: (ec2InstanceId) => ({
        key: pathOf("instances", ec2InstanceId, "state", "key.json"),
        log: pathOf("instances", ec2InstanceId, "agent.log"),
      }),
    });
    if (options.database) database = await startOrders(data.path, ORDERS_TIMES);
    const orders = database !== undefined && "server" in database ? database : undefined;
    if (options.token) shop = await startShop(data.path, SHOP_TIMES);
    const aws = await start(options, data.path, narrator, { orders, shop, take: (fact) => plays?.take(fact) });
    isUp = true;
    sayWhereItRuns(data.path, aws);
    const context = contextHere(data.path, ending.signal);
    plays = startPlays({
      ...{ aws, context, folder: data.path, keyturn: keyturnFor(options.data) },
      times: {
        sampleMs: options.samplesSeconds * 1000,
        lookMs: options.samplesSeconds * 1000,
        skewMs: SKEW_SECONDS * 1000,
      },
      orders: database ?? { missing: "npm start was told --no-database." },
      killAndStartAgain: killAndStartAgain(),
      tell: (sentence) => narrator.tell(sentence),
    });
    const acts = [...actRoutes(context), ...playRoutes(plays)];
    page = await servePageHere(data.path, { acts, freshMs: FRESH_INTERVALS * options.samplesSeconds * 1000 });
    sayWhereItRuns(data.path, aws, page.address);
    // Its process would hold as much memory as an agent, for nothing.
    await endBundler();
    const there = aws.instances.list().filter(({ state }) => state !== "terminated").length;
    const turnedAfterSeconds = Math.max(TURN_AFTER_SECONDS, options.everySeconds);
    const shared = database && ("server" in database ? { ports: database.ports, turnedAfterSeconds } : database);
    const shown = { ...options, agents: Math.max(there, options.agents) };
    const of = { ...aws, page: page.address };
    if (isStartedAgain()) narrator.tell(`AWS is back, at ${aws.endpoint}; the page is where it was.`);
    else write(introduction(of, shown, shared, shop && { ports: shop.ports, turnedAfterSeconds }));
    const missing = options.agents - there;
    if (missing > 0) aws.instances.launch(missing);
    const parts = [
      orders && shareOrders(orders, aws, narrator, turnedAfterSeconds),
      shop && shareToken(shop, aws, narrator, turnedAfterSeconds),
      options.expose && !isStartedAgain() ? await exposeKey(aws, narrator) : undefined,
    ];
    await stopped;
    narrator.tell("Stopping. Everything is kept in the data folder; the next npm start goes on from here.");
    ending.abort();
    plays.close();
    for (const part of parts) part?.();
    await page.close();
    await aws.close();
    return 0;
  } finally {
    rmSync(join(data.path, RUNNING_FILE), { force: true });
    if (database !== undefined && "server" in database) await database.server.stop();
    await shop?.issuer.close();
    data.release({ undone: !isUp });
  }
}

/** By this `keyturn` finds it, for as long as it runs. */
function sayWhereItRuns(folder: string, { endpoint, region, credentials }: EmbeddedAws, page?: string): void {
  const { accessKeyId, secretAccessKey } = credentials;
  const reached = { endpoint, region, account: ACCOUNT, credentials: { accessKeyId, secretAccessKey } };
  const running: Running = { pid: process.pid, ...reached, ...(page !== undefined && { page }) };
  writeFileSync(join(folder, RUNNING_FILE), `${JSON.stringify(running)}\n`, { mode: 0o600 });
}

/** Has visitors come to the applications, and their credential turned again and again. @returns what ends both */
function shareOrders({ ports }: Orders, aws: EmbeddedAws, narrator: Narrator, everySeconds: number): () => void {
  const visitors = new Visitors({ ports, tell: (sentence) => narrator.tell(sentence) });
  narrator.countVisits(ORDERS_SECRET, () => visitors.counts);
  return share(visitors, new OrdersSecrets(aws), everySeconds);
}

/** The same of the token. */
function shareToken({ ports }: Shop, aws: EmbeddedAws, narrator: Narrator, everySeconds: number): () => void {
  const visitors = new ShopVisitors({ ports, tell: (sentence) => narrator.tell(sentence) });
  narrator.countVisits(SHOP_SECRET, () => visitors.counts);
  return share(visitors, new ShopSecrets(aws), everySeconds);
}

/** Plays that an access key is exposed. Its clients of AWS are loaded for it alone: they take a quarter of a second. */
async function exposeKey(aws: EmbeddedAws, narrator: Narrator): Promise<() => void> {
  const { playExposure } = await import("./exposed/play.ts");
  return playExposure(aws, (sentence) => narrator.tell(sentence));
}

function share(
  visitors: { start(): void; stop(): void },
  secrets: OrdersSecrets | ShopSecrets,
  everySeconds: number,
): () => void {
  visitors.start();
  const stopTurning = keepTurning(secrets, everySeconds);
  return () => {
    visitors.stop();
    stopTurning();
    secrets.close();
  };
}

async function start(
  options: Options,
  folder: string,
  narrator: Narrator,
  { orders, shop, take }: { orders: Orders | undefined; shop: Shop | undefined; take: (fact: Fact) => void },
): Promise<EmbeddedAws> {
  const { everySeconds, samplesSeconds, faults } = options;
  let aws: EmbeddedAws | undefined;
  aws = await startFleet({
    port: options.port,
    folder,
    log: appendLog(join(folder, "aws.log")),
    settings: {
      sampleIntervalSeconds: samplesSeconds,
      rotateEverySeconds: everySeconds,
      allowedSkewSeconds: SKEW_SECONDS,
      nonceMode: "hmac",
      timeSeries: "timestream",
      formerTimeSeries: "none",
      pushTimeoutSeconds: 20,
      watchSeconds: { looks: samplesSeconds, proofs: samplesSeconds },
      secondLookSeconds: TRAIL.secondLookSeconds,
    },
    trailDelayMs: TRAIL.delayMs,
    ...(orders !== undefined && { orders }),
    ...(shop !== undefined && { shop }),
    scheduleSeconds: Math.max(1, Math.floor(everySeconds / 10)),
    onCall: (call) => narrator.onCall(call),
    onEvent(event) {
      narrator.onEvent(event, turnsOf(aws?.executions, event));
      take({ kind: "event", type: event["detail-type"], detail: event.detail });
    },
    onMail(mail) {
      const name = keepMail(join(folder, MAIL_FOLDER), mail);
      narrator.onMail(mail.subject, pathFor(folder, MAIL_FOLDER, name));
      take({ kind: "mail", number: mailNumberOf(name) ?? 0, subject: mail.subject });
    },
    ...(faults !== undefined && { faults: new Faults(faults) }),
  });
  return aws;
}

/** A path as whoever has typed `npm start` can paste it: npm starts scripts in the project's folder. */
function pathFor(...parts: string[]): string {
  const path = join(...parts);
  const short = relative(process.env.INIT_CWD ?? process.cwd(), path);
  const shown = short.startsWith("..") ? path : short;
  return /^[\w./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsers = [UsageError, FolderError, PortError, SettingsError].some((kind) => error instanceof kind);
  if (!isUsers) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
