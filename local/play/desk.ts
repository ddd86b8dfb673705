import type { EmbeddedAws } from "embedded-aws";
import type { Findings } from "../../functions/clients/findings.ts";
import { stands } from "../../functions/findings/finding.ts";
import { SOUND } from "../../functions/rotation/verdicts.ts";
import type { Context } from "../../operator/context.ts";
import type { Instance } from "../../operator/reads/instances.ts";
import type { Orders } from "../orders/start-orders.ts";
import { type Expectation, event, executionLink, mailAbout } from "./expectation.ts";

/** What faults are played with. */
export interface Desk {
  aws: Pick<
    EmbeddedAws,
    "endpoint" | "region" | "credentials" | "credentialsOf" | "events" | "executions" | "instances"
  >;
  /** What a command of `keyturn` is given, here. */
  context: Context;
  /** The data folder. */
  folder: string;
  /** How `keyturn` is typed for it. */
  keyturn: string;
  /** How often an instance proves its key and the watch looks, and by how much clocks may differ, in milliseconds. */
  times: { sampleMs: number; lookMs: number; skewMs: number };
  /** The database whose credential is shared here, or in a sentence why there is none. */
  orders: Orders | { missing: string };
  findings: Pick<Findings, "find">;
  instances(): Promise<Instance[]>;
  /** Kills this process, and has it started again after some milliseconds; undefined where nobody would. */
  killAndStartAgain: ((pauseMs: number) => void) | undefined;
  /** The number of the run that was played last. */
  lastRun(): number;
  tell(sentence: string): void;
  now(): number;
}

/** A fault as it is about to be played on somebody. */
export interface Prepared {
  expectations: Expectation[];
  /** Does it; what it throws ends the run. Aborted at the end of all. */
  act(signal: AbortSignal): Promise<void>;
  /** Does what the button of an expectation says. */
  mend?(): Promise<void>;
}

/** A fault that can be played. */
export interface Play {
  name: string;
  title: string;
  does: string;
  /** Whether it is played on an instance. */
  isOnInstance?: true;
  /** Why it makes no sense now, as a sentence. */
  cannot?(desk: Desk, all: readonly Instance[]): string | undefined;
  /**
   * @param instance on whom it is played; an empty one where it is about none
   * @throws Stopped with a sentence where it makes no sense
   */
  prepare(desk: Desk, instance: Instance): Promise<Prepared>;
}

/** Whether all is well with an instance: also while its key is being turned. */
export function isWell({ status, verdict = "" }: Instance): boolean {
  return status === "ACTIVE" && SOUND.includes(verdict);
}

/** What everything takes beside the times that are set: functions, events, mail. */
export const SLACK_MS = 4000;
const AN_HOUR_MS = 3_600_000;

/**
 * That people are told of something: it is found, and a mail is sent. What stands already, or stood within an hour, is told by no
 * second mail, which is said then.
 */
export async function peopleAreTold(
  desk: Desk,
  {
    subject,
    cause,
    says,
    withinMs,
    about = subject,
  }: { subject: string; cause: string; says: string; withinMs: number; about?: string },
): Promise<Expectation[]> {
  const before = await desk.findings.find({ subject, cause });
  const isKnown = before?.toldAt !== undefined && (stands(before) || desk.now() - (before.endedAt ?? 0) <= AN_HOUR_MS);
  const isStanding = before !== undefined && stands(before);
  const opened = event("Finding Opened", { subject, cause }, ({ execution }) => ({ links: executionLink(execution) }));
  return [
    { says, withinMs, ...(isStanding ? { met: { said: "It stands already." } } : { metBy: opened }) },
    isKnown
      ? { says: `No second mail is sent: people were told of ${cause} on ${about} less than an hour ago`, met: {} }
      : { says: "A mail is sent", withinMs: withinMs + SLACK_MS, metBy: mailAbout(cause, about) },
  ];
}

/**
 * That what people were told is over, once it is mended. Looked for, too: a turn may have ended it before somebody mended it, and no
 * second event says so then.
 *
 * @param mayLook whether what was mended has had the time to be found once more
 */
export function itIsOver(
  desk: Pick<Desk, "findings">,
  { subject, cause, withinMs, mayLook = () => true }: Told & { mayLook?: () => boolean },
): Expectation {
  return {
    says: `The finding ${cause} is over`,
    withinMs,
    follows: true,
    metBy: event("Finding Ended", { subject, cause }),
    async look() {
      if (!mayLook()) return undefined;
      const found = await desk.findings.find({ subject, cause });
      return found !== undefined && stands(found) ? undefined : {};
    },
  };
}

interface Told {
  subject: string;
  cause: string;
  withinMs: number;
}
