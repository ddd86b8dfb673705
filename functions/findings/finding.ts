import type { Behind } from "../credential/inputs.ts";
import type { ShutKey, Use } from "../exposed-key/forms.ts";

/** A consumer that has not moved to a credential's current version. */
export interface BehindFact extends Behind {
  /** The instance behind its address, or in whose partition its proof lay, where the registry knows it. */
  id?: string;
}

/** What is known of an access key that is exposed, or of an event that says so. */
export interface ExposedFacts {
  /** What kind of event it was, e.g. `AWS_RISK_CREDENTIALS_EXPOSED`. */
  code?: string;
  /** Whether that is a kind of which it is known what to do. */
  isKnown?: boolean;
  /** What was done to the key, and what could not be. */
  key?: ShutKey;
  /** What was done with it; of a second look, only what is new. */
  use?: Use;
  /** How it was found at last: whether it is gone, which other keys of its user are active, which quarantine AWS has put on him. */
  gone?: { is: "INACTIVE" | "GONE"; otherKeys: string[]; quarantine?: string[] | undefined };
  /** Of an event: what stands in it in the place of a key and is none, how many of these there are, and keys beyond the most. */
  unfit?: string[];
  unfitCount?: number;
  beyond?: number;
}

/** What is known about what a finding is about, for whoever reads of it: identifiers, times and outcomes; never a secret. */
export interface Facts {
  /** The instance, where the subject is its host. */
  id?: string;
  /** The host, where the subject is its instance. */
  ec2InstanceId?: string;
  /** The state of the flow that found it. */
  step?: string;
  /** What was said when it failed, in one or two sentences. */
  said?: string;
  /** The generation of the key that the record holds, and since when it does. */
  generation?: number;
  keySince?: number;
  /** The newest sample that proved a key. */
  lastProofAt?: number;
  /** From when on it is tried again. */
  nextTryAt?: number;
  /** Of a credential: who has not moved to its current version. */
  behind?: BehindFact[];
  /** Of a credential that is a token: that it is one, which says how it is told of. */
  kind?: "token";
  /** Whether the current token is known to be refused. */
  isRefused?: boolean;
  /** Until when it is good, where it is not; and the one before it, while that is not retired. */
  goodUntil?: number;
  formerUntil?: number;
  /** The secret with the API key by which the next token is made, or the former one is revoked. */
  keySecret?: string;
  /** Of an access key that is exposed. */
  exposed?: ExposedFacts;
}

/** What a finding is told by: two of different causes on one subject stand beside each other. */
export interface FindingKey {
  /** An instance's ID, an EC2 instance's ID, the name of a credential's secret, an access key's ID; the name of an execution or a flow where neither is known; or `fleet`. */
  subject: string;
  /** A verdict, the name of an error, a reason of refusal: a key of ADVICE in functions/telling/advice.ts. */
  cause: string;
}

/** Something that a person is told. All times are milliseconds since 1970. */
export interface Finding extends FindingKey {
  since: number;
  /** When it was found last, and how often. */
  seenAt: number;
  times: number;
  /** ARN of the execution that found it first; of an exposed key, that tells of it last. */
  execution: string;
  facts: Facts;
  /** Whether it is one of a storm: the storm's mail tells of it, and none of its own. */
  ofStorm?: boolean;
  /** Of a storm: which subjects came first, and when; these were told of one by one. */
  firstAt?: Record<string, number>;
  /** Until then whoever has claimed to mail it may be at it; nobody else is. */
  claimedUntil?: number;
  /** When its opening was put on the bus, and when people were mailed. */
  announcedAt?: number;
  toldAt?: number;
  endedAt?: number;
  /** When its end was put on the bus, and when it stood in the gathering mail, with which all is told. */
  endAnnouncedAt?: number;
  endToldAt?: number;
  /** Counts the writes. */
  version: number;
}

/** A finding as somebody comes upon it. */
export type Found = FindingKey & Pick<Finding, "execution" | "facts">;

/**
 * Of whom it is told what concerns no single instance or host; and storms, so that no cause is told of the fleet itself that
 * may also be told of something else.
 */
export const FLEET = "fleet";

const AN_HOUR_MS = 3600_000;

/** Whether it has not ended. */
export function stands({ endedAt }: Pick<Finding, "endedAt">): boolean {
  return endedAt === undefined;
}

/**
 * A finding as it is once somebody has come upon it. One that comes back within an hour of its end is the same one: people
 * know of it, so that only the bus is told again. Of an exposed key people are told by each execution, as it has done something
 * each time, and perhaps somebody waits for it: that is still the same finding.
 *
 * @param before as it was, if it was
 * @param at milliseconds since 1970
 * @param ofStorm whether the storm's mail tells of it, should it be a new one
 */
export function seen(before: Finding | undefined, found: Found, at: number, ofStorm = false): Omit<Finding, "version"> {
  if (before === undefined || at - (before.endedAt ?? at) > AN_HOUR_MS) {
    const { subject, cause, execution, facts } = found;
    return { subject, cause, since: at, seenAt: at, times: 1, execution, facts, ...(ofStorm && { ofStorm }) };
  }
  const known = isToldAnew(before, found) ? untold(before, found.execution, ofStorm) : before;
  const again = { ...known, seenAt: at, times: before.times + 1, facts: { ...before.facts, ...found.facts } };
  if (before.endedAt === undefined) return again;
  const { endedAt: _, endAnnouncedAt, endToldAt: __, announcedAt, ...standing } = again;
  // Where its end is on the bus, its opening is to be put there again.
  return { ...standing, ...(endAnnouncedAt === undefined && announcedAt !== undefined && { announcedAt }) };
}

/** Whether what stands, or is back, is told of once more: of an exposed key, where it is another execution that comes upon it. */
export function isToldAnew(before: Finding | undefined, found: Found): boolean {
  return before !== undefined && found.facts.exposed !== undefined && before.execution !== found.execution;
}

function untold(finding: Finding, execution: string, ofStorm: boolean): Finding {
  const { toldAt: _, claimedUntil: __, ofStorm: ___, ...rest } = finding;
  return { ...rest, execution, ...(ofStorm && { ofStorm }) };
}

/** Whether its opening is told: put on the bus and mailed, by a mail of its own or by its storm's. */
export function isTold({ announcedAt, toldAt, ofStorm = false }: Omit<Finding, "version">): boolean {
  return announcedAt !== undefined && (toldAt !== undefined || ofStorm);
}

/** Whether its opening is not told yet, and nobody is at it. */
export function isUntold(finding: Omit<Finding, "version">, at: number): boolean {
  return !isTold(finding) && (finding.claimedUntil ?? 0) <= at;
}
