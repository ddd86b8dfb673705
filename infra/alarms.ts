import type { StepContract } from "../functions/shared/contract.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { hasStep, type Part } from "./parts.ts";
import type { Settings } from "./settings.ts";

// What tells people when those who tell people cannot, as plain data: infra/cloudwatch-alarms.ts makes an alarm of each,
// infra/costs.ts counts them, and each has a section of its name in docs/runbook.md. What the watch and the flows tell
// themselves has none.

/** What an alarm looks at. */
export type Figure =
  /** The greatest of the durations, in milliseconds, that steps note under this name. */
  | { noted: string }
  /** A count that steps keep, of these dimensions. */
  | { counted: string; by: Record<string, string> }
  /** What Lambda counts of steps' functions; several functions are added. */
  | { functions: readonly Pick<StepContract, "flow" | "name">[]; counts: string }
  /** What Lambda counts of all functions of the account in the Region. */
  | { allFunctions: string }
  /** What SNS counts of the topic that mails people. */
  | { alertTopic: string }
  /** How many messages wait in a dead-letter queue. */
  | { queue: keyof Pick<DeadLetters, "undelivered" | "unworked"> };

export interface Alarm {
  /** The part of the deployment that it is about, where it is about no functions and not about whatever is there. */
  of?: Part;
  /** E.g. `WatchSilent`: the alarm is named `keyturn-WatchSilent` as shipped, and so is its section in the runbook. */
  name: string;
  /** One sentence: what is wrong when it sounds. */
  says: string;
  figure: Figure;
  /** Sounds when the figure is this or more; 1 if it is left out. */
  threshold?: number | ((settings: Settings) => number);
  /** Sounds below the threshold, and when there is no figure, instead of from the threshold on. */
  below?: boolean;
  /** Over how many minutes the figure is taken; 5 if it is left out. */
  minutes?: number;
  /** For how many of these times in a row; 1 if it is left out. */
  times?: number | ((settings: Settings) => number);
}

export const ALARMS: readonly Alarm[] = [
  {
    name: "WatchSilent",
    says: "The watch has not come to the end of a look: what goes wrong between rotations is not noticed.",
    figure: { counted: "Look", by: {} },
    below: true,
    times: ({ watch }) => Math.ceil((3 * watch.freshnessMinutes) / 5),
  },
  {
    name: "TicketNewerThanRecord",
    says: "A ticket lay there that is newer than its instance's record: a restored table, or somebody who writes tickets.",
    figure: { counted: "TicketNewerThanRecord", by: {} },
    of: "fleet",
  },
  // Failures of those who tell people, and of the registration, whose flow raises no events when it fails: the function
  // that runs it sees how it ended.
  {
    name: "NotifierFailing",
    says: "A function that tells people of failures failed itself.",
    figure: {
      functions: [
        { flow: "rotation", name: "notify-sns" },
        { flow: "registration", name: "notify-sns" },
        { flow: "fleet-rotation", name: "summarize" },
        { flow: "watch", name: "notify-sns" },
        { flow: "credential", name: "notify-sns" },
        { flow: "exposed-key", name: "notify-sns" },
        { flow: "life", name: "follow-execution" },
      ],
      counts: "Errors",
    },
  },
  {
    name: "MailUndelivered",
    says: "SNS could not deliver a mail to somebody who is subscribed.",
    figure: { alertTopic: "NumberOfNotificationsFailed" },
  },
  {
    name: "RegistrationFailing",
    says: "Registrations are cut off in the state machine, before it could tell: instances that boot cannot register.",
    figure: { counted: "Registration", by: { outcome: "CUT_OFF" } },
    of: "fleet",
  },
  // The functions that no state machine starts, and so none catches.
  {
    name: "RegistrationUrlFailing",
    says: "The registration function answers with errors of its own (5xx).",
    figure: { functions: [{ flow: "registration", name: "register" }], counts: "Url5xxCount" },
  },
  {
    name: "PushEndsLost",
    says: "end-push fails: how pushes end is found out by asking, minutes later.",
    figure: { functions: [{ flow: "rotation", name: "end-push" }], counts: "Errors" },
    threshold: 5,
  },
  {
    name: "LifeNotFollowed",
    says: "follow-state fails: hosts that stop or are terminated are not noted.",
    figure: { functions: [{ flow: "life", name: "follow-state" }], counts: "Errors" },
    threshold: 5,
  },
  {
    name: "ExposuresNotReceived",
    says: "receive-event fails: an access key may be exposed, and nothing has begun to shut it.",
    figure: { functions: [{ flow: "exposed-key", name: "receive-event" }], counts: "Errors" },
  },
  {
    name: "CredentialsNotTurned",
    says: "Secrets Manager's rotation function fails again and again: no rotation is begun, or none comes to a good end.",
    // One that fails is told of by its execution, and Secrets Manager tries it again some times.
    figure: { functions: [{ flow: "credential", name: "rotate" }], counts: "Errors" },
    threshold: 10,
    minutes: 60,
  },
  {
    name: "FunctionsThrottled",
    says: "Lambda holds functions back: the account has no concurrency left in this Region.",
    // Over all functions of the account: its concurrency is what they share, and an alarm takes ten figures only.
    figure: { allFunctions: "Throttles" },
    threshold: 50,
    times: 3,
  },
  {
    name: "EventsUndelivered",
    says: "Events could not be handed to what they start: they wait in the queue of undelivered events.",
    figure: { queue: "undelivered" },
  },
  {
    name: "EventsUnworked",
    says: "A function failed on events again and again: they wait in the queue of unworked events.",
    figure: { queue: "unworked" },
  },
];

/** The alarms of a deployment of these parts, each over the functions that are there. */
export function alarmsOf(parts: readonly Part[]): Alarm[] {
  return ALARMS.flatMap((alarm) => {
    const { figure, of } = alarm;
    if (of !== undefined && !parts.includes(of)) return [];
    if (!("functions" in figure)) return [alarm];
    const functions = figure.functions.filter((step) => hasStep(parts, step));
    return functions.length === 0 ? [] : [{ ...alarm, figure: { ...figure, functions } }];
  });
}

/** How many of CloudWatch's metrics the alarms look at together, which is what they are paid by. */
export function alarmMetricsOf(parts: readonly Part[]): number {
  return alarmsOf(parts)
    .map(({ figure }) => ("functions" in figure ? figure.functions.length : 1))
    .reduce((sum, metrics) => sum + metrics, 0);
}

const OF_FLEET = 33;
const OF_BOTH = 41;
const OF_EXPOSED_KEYS = 11;

/**
 * How many metrics steps count and note themselves, each with its dimensions, if all of it happens: CloudWatch takes money
 * for the hours in which one has figures, and those of what goes wrong have none while all is well.
 */
export function ownMetricsOf(parts: readonly Part[]): number {
  if (!parts.includes("fleet")) return OF_EXPOSED_KEYS;
  return parts.includes("exposed-keys") ? OF_BOTH : OF_FLEET;
}
