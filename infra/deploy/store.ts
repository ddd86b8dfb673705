import type { SeriesStore } from "../../protocol/index.ts";
import type { Place } from "../context-keys.ts";
import { hasTimestream } from "../regions.ts";
import type { GivenSettings, Settings } from "../settings.ts";
import { settled, storesOf } from "../time-series.ts";
import type { Account, Stack } from "./account.ts";
import { type Report, reasonOf } from "./report.ts";

/** Where samples go by this deployment, and what speaks against it. */
export interface Settlement extends Report {
  settings: Settings;
  /** What was found out and is to be written down; undefined when it was known, or could not be asked. */
  found?: SeriesStore;
}

const NAMES: Record<SeriesStore, string> = { timestream: "Timestream", dynamodb: "DynamoDB" };
const CLOSED = "it is open only to accounts that used it before 20 June 2025";

/**
 * Settles where samples go: where `timeSeries` says; for "auto" where they went before, else where the account can keep them.
 *
 * @param stack the one that runs; undefined for none, "unknown" when AWS did not say
 * @param answer what was found out and written down before
 */
export async function settleStore(
  given: GivenSettings,
  { place, stack, answer }: { place: Place; stack: Stack | undefined | "unknown"; answer: SeriesStore | undefined },
  account: Account,
): Promise<Settlement> {
  const running = stack === "unknown" ? undefined : stack?.timeSeries;
  if (given.timeSeries !== "auto" || answer !== undefined) {
    const settings = settled(given, answer);
    const asked = await aboutTimestream(settings, running, place, account);
    return { settings, notes: asked.notes, complaints: [...asked.complaints, ...aboutMoving(settings, running)] };
  }
  if (stack === "unknown") {
    const complaint =
      'With "timeSeries": "auto", it must be known where the samples of a fleet that runs go, else they would go astray: get the ' +
      'right to cloudformation:DescribeStacks and GetTemplateSummary, or name the store in cdk.json: "timeSeries": "dynamodb",';
    return { settings: settled(given, undefined), complaints: [complaint], notes: [] };
  }
  try {
    const found = running ?? ((await canHaveTimestream(place, account)) ? "timestream" : "dynamodb");
    return { settings: settled(given, found), found, complaints: [], notes: [] };
  } catch (error) {
    if (isRefusal(error)) {
      const note = `AWS did not say whether this account can have Timestream, so samples go to DynamoDB: ${reasonOf(error)}`;
      // Not written down: whoever may ask may find another answer.
      return { settings: settled(given, "dynamodb"), complaints: [], notes: [note] };
    }
    // Another day AWS might say otherwise, and what is written down lasts.
    const complaint =
      `AWS could not be asked whether this account can have Timestream: ${reasonOf(error)}\nTry again, or name the store in ` +
      'cdk.json: "timeSeries": "dynamodb",';
    return { settings: settled(given, undefined), complaints: [complaint], notes: [] };
  }
}

async function canHaveTimestream({ region }: Place, account: Account): Promise<boolean> {
  return hasTimestream(region) && (await account.canHaveTimestream());
}

/** Whether Timestream can be had, where it is wanted and is not there yet. */
async function aboutTimestream(
  settings: Settings,
  running: SeriesStore | undefined,
  place: Place,
  account: Account,
): Promise<Report> {
  const isWanted = storesOf(settings).includes("timestream") && running !== "timestream" && hasTimestream(place.region);
  if (!isWanted) return { complaints: [], notes: [] };
  try {
    if (await account.canHaveTimestream()) return { complaints: [], notes: [] };
  } catch (error) {
    return { complaints: [], notes: [`AWS did not say whether this account can have Timestream: ${reasonOf(error)}`] };
  }
  const complaint =
    `This account cannot have Timestream for LiveAnalytics: ${CLOSED}. Keep the samples in DynamoDB, by one line in cdk.json: ` +
    '"timeSeries": "auto",';
  return { complaints: [complaint], notes: [] };
}

/** That no deployment changes the store under agents that write there, unless both are there for a while. */
function aboutMoving({ timeSeries, formerTimeSeries }: Settings, running: SeriesStore | undefined): string[] {
  if (running === undefined || running === timeSeries || running === formerTimeSeries) return [];
  return [
    `The fleet's samples go to ${NAMES[running]} now, and this deployment would take it away under agents that write there. To ` +
      `move to ${NAMES[timeSeries]}, let both be there until each agent has registered again, a day at most: in cdk.json, ` +
      `"timeSeries": "${timeSeries}", "formerTimeSeries": "${running}",\nTo leave the samples where they are: ` +
      `"timeSeries": "${running}",`,
  ];
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^(AccessDenied|UnauthorizedOperation)/.test(error.name);
}
