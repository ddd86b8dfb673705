import { stands } from "../../functions/findings/finding.ts";
import { readExecution } from "../../functions/telling/commands.ts";
import { arnAt } from "../../protocol/index.ts";
import { counted } from "../output/count.ts";
import { span } from "../output/time.ts";
import { attention, type Found, listed, ok, type Patient, type Question } from "./check.ts";
import type { Execution, LookedAtFlow, Schedule } from "./deployment.ts";

/** That it looks and turns by itself, and that people hear of what goes wrong. */
export const OF_TELLING: readonly Question[] = [
  { name: "mail", ask: askMail },
  { name: "schedules", ask: askSchedules },
  { name: "watch", ask: askWatch },
  { name: "runs", needs: ["fleet"], ask: askRuns },
  { name: "drill", needs: ["fleet"], ask: askDrill },
  { name: "findings", ask: askFindings },
];

async function askMail({ deployment, place: { names }, caller }: Patient): Promise<Found> {
  const all = await deployment.subscribers();
  if (all === undefined) return attention(`there is no topic ${names.alertTopic}`, "Deploy again: npm run deploy");
  const pending = all.filter(({ isConfirmed }) => !isConfirmed).map(({ endpoint }) => endpoint);
  const confirmed = all.filter(({ isConfirmed }) => isConfirmed).map(({ endpoint }) => endpoint);
  if (pending.length > 0) {
    return attention(
      `not confirmed: ${listed(pending)}; confirmed: ${listed(confirmed) || "nobody"}`,
      "Whoever has that address opens the mail of AWS Notifications and follows its link. It is sent again by subscribing again:",
      `aws sns subscribe --topic-arn ${arnAt(caller, "sns", names.alertTopic)} --protocol email --notification-endpoint ADDRESS`,
    );
  }
  if (confirmed.length > 0) return ok(`confirmed: ${listed(confirmed)}`);
  return attention("nobody is subscribed: no mail reaches anybody", "Set alertEmails in cdk.json, and npm run deploy.");
}

async function askSchedules({ deployment, place: { names }, hasFleet }: Patient): Promise<Found> {
  const needed = [...(hasFleet ? [names.schedule] : []), names.watchSchedule];
  const asked = await Promise.all(needed.map(async (name) => ({ name, schedule: await deployment.schedule(name) })));
  const drill = await deployment.schedule(names.drillSchedule);
  const off = asked.filter(({ schedule }) => schedule?.isOn !== true);
  if (off.length > 0) {
    return attention(
      off.map(({ name, schedule }) => `${name} ${schedule === undefined ? "is not there" : "is off"}`).join("; "),
      "Nothing is turned, or looked at, by itself. Deploy again (npm run deploy), or turn it on in EventBridge Scheduler.",
    );
  }
  const on = asked.map(({ name, schedule }) => `${name} ${schedule?.expression}`);
  if (drill === undefined) return ok(`on: ${on.join(", ")}; no drill is scheduled`);
  return drill.isOn
    ? ok(`on: ${[...on, `${names.drillSchedule} ${drill.expression}`].join(", ")}`)
    : attention(`${names.drillSchedule} is off`, "Turn it on in EventBridge Scheduler, or deploy again.");
}

const UNITS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const USUAL_MS = 5 * UNITS.minute;

/** How often a schedule starts something, in milliseconds; undefined where its expression says no rate. */
export function everyMs(schedule: Schedule | undefined): number | undefined {
  const [, amount, unit] = /^rate\((\d+) (second|minute|hour|day)s?\)$/.exec(schedule?.expression ?? "") ?? [];
  return unit === undefined ? undefined : Number(amount) * UNITS[unit as keyof typeof UNITS];
}

/** On this computer a look begins each second, and where all is slow many are under way; and people start some. */
const LOOKS = 200;
const RUNS = 100;

/** Whether `keyturn` has started it: that says nothing of the schedule, neither good nor bad. */
function isByHand(arn: string, act: "check" | "rotate"): boolean {
  return arn.split(":").at(-1)?.startsWith(`${act}-`) === true;
}

async function askWatch({ deployment, place: { names }, now }: Patient): Promise<Found> {
  const [looks, schedule] = await Promise.all([
    deployment.executions("watch", LOOKS),
    // Whether it is on, another question asks.
    deployment.schedule(names.watchSchedule).catch(() => undefined),
  ]);
  if (looks === undefined) return flowMissing("watch");
  const every = everyMs(schedule) ?? USUAL_MS;
  const todo = "What it met: docs/runbook.md, section WatchSilent.";
  const ofSchedule = looks.filter(({ arn }) => !isByHand(arn, "check"));
  const last = ofSchedule.find(({ endedAt }) => endedAt !== undefined);
  const good = ofSchedule.find(({ status }) => status === "SUCCEEDED");
  if (last !== undefined && last.status !== "SUCCEEDED") return failed("look", last, now, todo);
  if (good?.endedAt === undefined) {
    const none =
      looks.length === 0 ? "has not looked yet" : `has come to the end of none of its last ${looks.length} looks`;
    return attention(`the watch ${none}`, `It looks every ${span(every)}.`, todo);
  }
  const said = `the last look ended ${span(now - good.endedAt)} ago; there is one every ${span(every)}`;
  // A look may take a minute.
  return now - good.endedAt > 3 * every + UNITS.minute ? attention(said, todo) : ok(said);
}

async function askRuns({ deployment, now }: Patient): Promise<Found> {
  const all = await deployment.executions("fleet-rotation", RUNS);
  if (all === undefined) return flowMissing("fleet-rotation");
  const runs = all.filter(({ arn }) => !isByHand(arn, "rotate"));
  const last = runs.find(({ endedAt }) => endedAt !== undefined);
  if (last === undefined)
    return ok(runs.length > 0 ? "the first run over the fleet is under way" : "no run over the fleet yet");
  if (last.status !== "SUCCEEDED")
    return failed("run over the fleet", last, now, "Who could not be turned: keyturn findings");
  return ok(`the last run over the fleet succeeded ${span(now - (last.endedAt ?? now))} ago`);
}

function failed(what: string, { arn, status, endedAt }: Execution, now: number, todo: string): Found {
  const says = `the last ${what} ended ${span(now - (endedAt ?? now))} ago as ${status}`;
  return attention(says, todo, readExecution({ execution: arn }).aws);
}

function flowMissing(flow: LookedAtFlow): Found {
  return attention(`there is no state machine of the flow ${flow}`, "Deploy again: npm run deploy");
}

/** So many acts are looked through for a drill: each is a call. */
const ACTS = 20;
const DRILL_DAYS = 90;

async function askDrill({ deployment, place, now }: Patient): Promise<Found> {
  const acts = await deployment.executions("operate", ACTS);
  if (acts === undefined) return flowMissing("operate");
  for (const act of acts.filter(({ status }) => status === "SUCCEEDED")) {
    if (!isDrill(await deployment.inputOf(act))) continue;
    const said = `the last one was ${span(now - act.startedAt)} ago`;
    return now - act.startedAt > DRILL_DAYS * UNITS.day ? attention(said, TRY) : ok(said);
  }
  const said = acts.length < ACTS ? "there was none" : `none is among the last ${ACTS} acts`;
  // Here mails go into a folder, and reach nobody in any case.
  return place.kind === "here" ? ok(`${said}; keyturn drill sends one`) : attention(said, TRY);
}

const TRY = "Send one, and ask whoever is on call whether it came: keyturn drill --reason 'a try'";

function isDrill(input: string): boolean {
  try {
    return JSON.parse(input).act === "drill";
  } catch {
    return false;
  }
}

async function askFindings({ deployment, now }: Patient): Promise<Found> {
  const standing = (await deployment.findings()).filter(stands);
  if (standing.length === 0) return ok("nothing stands");
  const causes = [...Map.groupBy(standing, ({ cause }) => cause)].map(([cause, all]) => `${all.length} ${cause}`);
  const oldest = Math.min(...standing.map(({ since }) => since));
  return attention(
    `${counted(standing.length, "finding")} ${standing.length === 1 ? "stands" : "stand"}, the oldest for ${span(now - oldest)}: ${listed(causes)}`,
    "What they mean and what to type: keyturn findings",
  );
}
