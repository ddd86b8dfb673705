import type { BusEvent, CallRecord, EventSink, Mail } from "embedded-aws";
import type { Turn } from "../fleet-runs.ts";
import type { Orders } from "../orders/start-orders.ts";
import type { Shop } from "../shop/start-shop.ts";

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
  | { kind: "mails"; question: number; mails: ReadMail[] }
  | { kind: "raised"; question: number };

/** A mail as somebody reads it. */
export type ReadMail = Pick<Mail, "subject" | "text">;

/** An event that AWS raises by itself. */
export type RaisedEvent = Parameters<EventSink["raise"]>[0];

/** The database, and the issuer, whose credentials applications share. */
export interface Shared {
  orders?: Orders;
  shop?: Shop;
}

/** The variable in which that process is given them, as JSON. */
export const SHARED_VARIABLE = "KEYTURN_DEMO_SHARED";

/** What AWS has no API for, or none for a stranger; the answer bears the question's number. */
export type ToAws =
  | { kind: "credentials"; question: number; ec2InstanceId: string }
  | { kind: "mails"; question: number }
  | { kind: "raise"; question: number; event: RaisedEvent };
