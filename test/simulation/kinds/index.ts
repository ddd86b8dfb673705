import type { Kind } from "../kind.ts";
import { awsAway, notifierFails } from "./aws.ts";
import { callStruck } from "./call-struck.ts";
import { command, event } from "./deliveries.ts";
import { clockOff, cutOff, lagging, off, powerLost, terminated } from "./hosts.ts";
import { keyFileAltered } from "./keys.ts";

/** All that befalls a fleet, by name. */
export const KINDS: Record<string, Kind> = {
  "a call is struck": callStruck,
  "a command is lost, doubled or late": command,
  "an event is lost, doubled or late": event,
  "an instance is off": off,
  "an instance is terminated": terminated,
  "the power goes": powerLost,
  "an instance is cut off": cutOff,
  "EC2 is behind": lagging,
  "a clock is off": clockOff,
  "a key file is altered": keyFileAltered,
  "AWS is away": awsAway,
  "nobody can be mailed": notifierFails,
};
