import type { BusEvent, CallRecord } from "embedded-aws";
import type { Turn } from "../fleet-runs.ts";

/** Credentials for AWS; the session token comes with temporary ones. */
export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** What the demo and the process with the embedded AWS say to each other, as JSON over their channel. */
export type FromAws =
  | { kind: "ready"; endpoint: string; region: string; credentials: Keys }
  /** It could not start; the reason is a sentence. */
  | { kind: "failed"; reason: string }
  | { kind: "event"; event: BusEvent; turns: Turn[] }
  | { kind: "call"; call: CallRecord }
  | { kind: "mail"; subject: string }
  | { kind: "credentials"; question: number; keys: Keys }
  | { kind: "mails"; question: number; subjects: string[] };

/** The variable in which that process is given the database that applications share a credential of, as JSON. */
export const ORDERS_VARIABLE = "KEYTURN_DEMO_ORDERS";

/** What AWS has no API for, or none for a stranger; the answer bears the question's number. */
export type ToAws =
  | { kind: "credentials"; question: number; ec2InstanceId: string }
  | { kind: "mails"; question: number };
