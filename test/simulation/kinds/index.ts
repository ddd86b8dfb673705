import type { Kind } from "../kind.ts";
import { awsAway, notifierFails } from "./aws.ts";
import { callStruck } from "./call-struck.ts";
import { diskCopied, imageLaunched } from "./clones.ts";
import { consumerHolds, consumerIsOff, stranger } from "./consumers.ts";
import { databaseAway, databaseRefuses, passwordChanged, replicaBehind } from "./databases.ts";
import { command, event } from "./deliveries.ts";
import { iamFails, keysExposed } from "./exposed-keys.ts";
import { samplesForged } from "./forged-samples.ts";
import { hooksFail } from "./hooks.ts";
import { clockOff, cutOff, lagging, off, powerLost, terminated } from "./hosts.ts";
import { impostor, outsider } from "./impostors.ts";
import { issuerFails, keyRefused, lifetimeDiffers, tokenRevoked } from "./issuers.ts";
import { keyFileAltered } from "./keys.ts";
import { diskRestored, folderLost, recordRestored, tableRestored } from "./restored.ts";
import { credentialCallStruck, pendingTakenOff, rotationAsked, secretKept, valueWritten } from "./secrets.ts";
import { thiefAnswers, thiefRegisters } from "./thieves.ts";
import { ticketMadeUp } from "./tickets.ts";
import { allMeant, executionStopped, operatorActs, retiredByMistake } from "./wrong-moments.ts";

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
  "a disk is copied": diskCopied,
  "an image is launched": imageLaunched,
  "somebody registers as another": impostor,
  "an outsider registers": outsider,
  "a thief registers": thiefRegisters,
  "a thief answers": thiefAnswers,
  "samples are forged": samplesForged,
  "a ticket is made up": ticketMadeUp,
  "hooks fail": hooksFail,
  "a record is restored": recordRestored,
  "the table is restored": tableRestored,
  "a disk is restored": diskRestored,
  "a folder is lost": folderLost,
  "an operator acts": operatorActs,
  "a record is retired": retiredByMistake,
  "all are meant": allMeant,
  "an execution is stopped": executionStopped,
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
