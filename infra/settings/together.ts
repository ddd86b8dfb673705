import { fleetTagOf } from "../../functions/shared/names.ts";
import { homeRegionOf, partitionOf } from "../regions.ts";
import { accountWideNames, namesOf } from "../wiring.ts";
import type { Check, Circumstances } from "./check.ts";
import { CREDENTIAL_CHECKS } from "./credentials-together.ts";
import { pausesOf } from "./pause.ts";
import { TOKEN_CHECKS } from "./tokens-together.ts";

/** The settings that belong together. */
interface Settings {
  stackName: string;
  rotateEveryHours: number;
  schedule: { expression: string; timeZone: string; flexibleMinutes: number; silentAfterHours: number };
  watch: { freshnessMinutes: number; proofMinutes: number };
  drill: { schedule: string };
  timeSeries: string;
  formerTimeSeries: string;
  existingRoles: Record<string, string>;
  eventSenders: string[];
  exposedKeys: { deploy: string; regions: string[] };
  tags: Record<string, string>;
}

/** The watch sees by the last run whether the schedule fires, and Step Functions forgets a run after 90 days. */
export const MOST_SILENT_HOURS = 89 * 24;

const OWN_CHECKS: Check<Settings>[] = [
  { of: ["schedule"], faults: silence },
  { of: ["schedule", "rotateEveryHours"], faults: rareRuns },
  { of: ["schedule", "drill"], faults: neverADrill },
  { of: ["watch"], faults: rareLooks },
  { of: ["timeSeries", "formerTimeSeries"], faults: sameStore },
  { of: ["timeSeries", "formerTimeSeries"], faults: unnamedStore },
  { of: ["stackName", "existingRoles"], faults: ownRole },
  { of: ["stackName", "tags"], faults: ownTag },
  { of: ["eventSenders"], faults: foreignSenders },
  { of: ["exposedKeys"], faults: foreignRegions },
  { of: ["exposedKeys"], faults: homeLeftOut },
];

export const CHECKS = [...OWN_CHECKS, ...CREDENTIAL_CHECKS, ...TOKEN_CHECKS];

/** Between two runs over the fleet, in hours, with the flexible window; undefined when there is none any more. */
function hoursBetweenRuns({ schedule }: Settings, now: number): { least: number; most: number } | undefined {
  const pauses = pausesOf(schedule.expression, schedule.timeZone, now);
  if (pauses === undefined) return undefined;
  const { flexibleMinutes } = schedule;
  return { least: (pauses.shortest - flexibleMinutes) / 60, most: (pauses.longest + flexibleMinutes) / 60 };
}

function* silence(settings: Settings, { now }: Circumstances): Generator<[string, string]> {
  const hours = hoursBetweenRuns(settings, now);
  const { expression, silentAfterHours } = settings.schedule;
  if (hours === undefined) {
    yield ["schedule.expression", `must fire in the years to come; "${expression}" never does`];
  } else if (hours.most >= MOST_SILENT_HOURS) {
    const days = MOST_SILENT_HOURS / 24;
    yield ["schedule.expression", `must fire more often than every ${days} days; it may pause for ${said(hours.most)}`];
  } else if (silentAfterHours <= hours.most) {
    const pause = `${said(hours.most)}, the schedule's longest pause with its flexible window and changes of the clocks`;
    const least = Math.floor(hours.most) + 1;
    yield ["schedule.silentAfterHours", `must be longer than ${pause}: at least ${least}; it is ${silentAfterHours}`];
  }
}

/**
 * A key that falls due just after a run waits for the next one, and people are told of one that is twice as old as it may
 * get. So either there is a run before that, or each run turns every key, and is soon enough for that.
 */
function* rareRuns(settings: Settings, { now }: Circumstances): Generator<[string, string]> {
  const hours = hoursBetweenRuns(settings, now);
  const { rotateEveryHours } = settings;
  if (hours === undefined || hours.most < rotateEveryHours) return;
  if (rotateEveryHours < hours.least && hours.most < 2 * rotateEveryHours) return;
  const [from, to] = [Math.floor(hours.most / 2) + 1, Math.ceil(hours.least) - 1];
  const orEveryKey = from > to ? "" : `, or ${from} to ${to} to have each run turn every key`;
  const why = `since runs may be ${said(hours.most)} apart, and a key that waits too long is told of (KeyTooOld)`;
  yield [
    "rotateEveryHours",
    `must be at least ${Math.floor(hours.most) + 1}${orEveryKey}, ${why}; it is ${rotateEveryHours}`,
  ];
}

function* neverADrill({ drill, schedule }: Settings, { now }: Circumstances): Generator<[string, string]> {
  if (drill.schedule === "off" || pausesOf(drill.schedule, schedule.timeZone, now) !== undefined) return;
  yield ["drill.schedule", `must fire in the years to come; "${drill.schedule}" never does`];
}

function* rareLooks({ watch: { freshnessMinutes, proofMinutes } }: Settings): Generator<[string, string]> {
  if (proofMinutes >= freshnessMinutes) return;
  yield [
    "watch.proofMinutes",
    `must not be shorter than keyturn.watch.freshnessMinutes, ${freshnessMinutes}, since proofs are judged when it is looked; it is ${proofMinutes}`,
  ];
}

function* sameStore({ timeSeries, formerTimeSeries }: Settings): Generator<[string, string]> {
  if (formerTimeSeries !== timeSeries) return;
  yield ["formerTimeSeries", "must not be what keyturn.timeSeries is: it names where samples went before"];
}

function* unnamedStore({ timeSeries, formerTimeSeries }: Settings): Generator<[string, string]> {
  if (timeSeries !== "auto" || formerTimeSeries === "none") return;
  yield [
    "timeSeries",
    `must name where samples go while keyturn.formerTimeSeries names where they went, ${formerTimeSeries}; it is "auto"`,
  ];
}

function* ownRole({ stackName, existingRoles }: Settings): Generator<[string, string]> {
  const { fleetRole } = accountWideNames(namesOf(stackName), "[a-z]{2,}(-[a-z]+)+-\\d");
  const own = new RegExp(`^${fleetRole}$`, "i");
  for (const name of Object.keys(existingRoles)) {
    if (!own.test(name)) continue;
    yield [`existingRoles.${name}`, "must be a role that was there before: this is one of the stack's own"];
  }
}

/** What marks a host is the stack's to give: pushes are sent by it. */
function* ownTag({ stackName, tags }: Settings): Generator<[string, string]> {
  const { key } = fleetTagOf(namesOf(stackName).prefix);
  for (const name of Object.keys(tags)) {
    if (name.toLowerCase() !== key) continue;
    yield [`tags.${name}`, "must have another name: by this one hosts of the fleet are found"];
  }
}

function* foreignSenders({ eventSenders }: Settings, { region }: Circumstances): Generator<[string, string]> {
  const partitionIn = (arn = "") => arn.split(":")[1];
  const here = region === undefined ? undefined : partitionOf(region);
  const expected = here ?? partitionIn(eventSenders[0]);
  for (const [i, sender] of eventSenders.entries()) {
    if (partitionIn(sender) === expected) continue;
    const why = here === undefined ? "as of the first one" : `as of everything in ${region}`;
    yield [`eventSenders.${i}`, `must begin with arn:${expected}:, ${why}; it is "${sender}"`];
  }
}

/** An account is in one partition. As long as nothing is deployed by them, the list as shipped is no fault anywhere. */
function* foreignRegions({ exposedKeys }: Settings, { region }: Circumstances): Generator<[string, string]> {
  const { deploy, regions } = exposedKeys;
  const first = deploy === "off" ? regions[0] : (region ?? regions[0]);
  if (first === undefined) return;
  const [one, ...others] = regions.filter((each) => partitionOf(each) !== partitionOf(first));
  if (one === undefined) return;
  const which = others.length === 0 ? `"${one}" is not` : `"${one}" and ${others.length} more are not`;
  yield ["exposedKeys.regions", `must be of the partition ${partitionOf(first)}, as ${first} is; ${which}`];
}

/** What somebody does with a key to users and roles, CloudTrail has in one Region alone. */
function* homeLeftOut({ exposedKeys: { regions } }: Settings): Generator<[string, string]> {
  const [first] = regions;
  if (first === undefined || regions.includes(homeRegionOf(first))) return;
  yield ["exposedKeys.regions", `must have ${homeRegionOf(first)} in it, where CloudTrail has the calls to IAM`];
}

/** @param hours e.g. 0.25 */
function said(hours: number): string {
  const minutes = Math.round(hours * 60);
  const parts = [`${Math.floor(minutes / 60)} h`, `${minutes % 60} min`].filter((part) => !part.startsWith("0 "));
  return parts.join(" ");
}
