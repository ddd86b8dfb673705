import type { Kind } from "../kind.ts";
import { awsAway, notifierFails } from "./aws.ts";
import { callStruck } from "./call-struck.ts";
import { consumerHolds, consumerIsOff, stranger } from "./consumers.ts";
import { databaseAway, databaseRefuses, passwordChanged, replicaBehind } from "./databases.ts";
import { command, event } from "./deliveries.ts";
import { iamFails, keysExposed } from "./exposed-keys.ts";
import { clockOff, cutOff, lagging, off, powerLost, terminated } from "./hosts.ts";
import { issuerFails, keyRefused, lifetimeDiffers, tokenRevoked } from "./issuers.ts";
import { keyFileAltered } from "./keys.ts";
import { credentialCallStruck, pendingTakenOff, rotationAsked, secretKept, valueWritten } from "./secrets.ts";

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
  "a consumer does not move": consumerHolds,
  "a consumer is off": consumerIsOff,
  "somebody uses a credential who is not named": stranger,
  "a database is away": databaseAway,
  "a replica is behind": replicaBehind,
  "a database refuses its manager or is busy": databaseRefuses,
  "a password is changed by hand": passwordChanged,
  "an issuer fails": issuerFails,
  "an API key is refused": keyRefused,
  "tokens have another life": lifetimeDiffers,
  "a token is revoked by hand": tokenRevoked,
  "a rotation is asked for": rotationAsked,
  "AWSPENDING is taken off": pendingTakenOff,
  "a value is written by hand": valueWritten,
  "a secret is kept otherwise": secretKept,
  "a call about credentials is struck": credentialCallStruck,
  "access keys are exposed": keysExposed,
  "IAM or CloudTrail fails": iamFails,
};
