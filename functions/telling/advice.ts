import type { Advice } from "./advice-form.ts";
import {
  hostInSsm,
  hostState,
  installAgent,
  lastCommand,
  listFindings,
  namesBeside,
  readExecution,
  rekey,
  rekeyAll,
  showRecord,
  showSchedule,
  turnNow,
} from "./commands.ts";
import { CREDENTIAL_ADVICE } from "./credential-advice.ts";
import { EXPOSED_KEY_ADVICE } from "./exposed-key-advice.ts";
import { TOKEN_ADVICE } from "./token-advice.ts";

const LOOK_AT_THE_AGENT =
  "Look at the agent on the instance: `keyturn-agent status`, `journalctl -u keyturn-agent`. Keyturn tries again by itself.";

const refused = (means: string): Advice => ({
  title: "a registration was refused",
  means: `${means} Nothing was changed.`,
  todo: "Look at the host: a copied disk, a restored backup, or an impostor.",
  section: "Refused",
  command: hostState,
});
/** What a rekey mends: of one instance by one command, and of all with that cause by one. */
const mendedByRekey = (cause: string): Pick<Advice, "command" | "commandForAll"> => ({
  command: rekey,
  commandForAll: (about) => rekeyAll(cause, about),
});

/** By verdict, name of an error, or reason of a refusal. Every one of which people are told stands here. */
export const ADVICE: Record<string, Advice> = {
  STALE: {
    title: "an instance has stopped proving its key",
    means: "It wrote nothing to the time series for three intervals, or what it wrote bears times that are far off.",
    todo:
      `Is the instance up, is its clock right, and does it reach AWS? ${LOOK_AT_THE_AGENT} Where its key file is lost: ` +
      "section A key has leaked or is lost.",
    command: hostState,
  },
  MISMATCH: {
    title: "an instance's proofs do not fit its key",
    means: "Its key file was altered, or restored from a backup.",
    todo: "Have the instance agree a new key, by the command: it keeps its ID. Find out who touched the key file.",
    ...mendedByRekey("MISMATCH"),
  },
  RecordBehind: {
    title: "a record knows less than its instance claims",
    means:
      "What the instance writes claims a later key than its record knows, and none that follows from the record's is proved: " +
      "the record was restored to a day before a rekey, the key file was altered, or the claim is made up.",
    todo:
      "Have the instance agree a new key, by the command. If nobody restored the " +
      "record, find out who touched the key file or the table: section The record table was restored.",
    ...mendedByRekey("RecordBehind"),
  },
  BroughtForward: {
    title: "a record was behind its instance, and was mended",
    means:
      "The record was of an earlier day, as one of a restored table is. The keys that followed were derived again, what the " +
      "instance writes proves the last of them, and the record holds that one now.",
    todo:
      "Nothing about this instance. If nobody restored the table, find out in CloudTrail who wrote it: section The record " +
      "table was restored.",
    command: showRecord,
  },
  CONFLICT: {
    title: "two write as one instance",
    means:
      "One of the two holds no valid key: a clone with an older key, or a forger. Its key is turned all the same, since " +
      "only who holds it can answer the ticket.",
    todo: "Find the other host: a copied disk or image, or stolen credentials of the fleet's role. Shut it down.",
    command: showRecord,
  },
  KeyTooOld: {
    title: "a key is twice as old as keys are to get",
    means: "The instance's key was not turned for two periods, and nothing else was told of it, or nobody mended it.",
    todo: "Look at what else stands about the instance; turn its key by hand, and look at that execution.",
    command: turnNow,
  },
  AgentTooOld: {
    title: "an agent is older than this deployment counts on",
    means:
      "It goes on proving and turning its key, but does not do what a later agent does: it would be STALE when the store of " +
      "the samples is changed.",
    todo: "Install the agent of this deployment. It registers at once, and this ends; its key is left as it is.",
    command: installAgent,
  },
  NeverRegistered: {
    title: "a host of the fleet has no record",
    means:
      "EC2 says that the host runs and has Keyturn's tag, and no instance is registered for it, or its record is lost.",
    todo: "Install the agent: that finishes what broke off at the first boot, or says what is in its way. A host that is none of Keyturn's needs no tag.",
    command: installAgent,
  },
  UnknownId: {
    title: "somebody asks for an instance that there is not",
    means: "No instance is registered under this ID.",
    todo: "Look at who asked, and for which ID. If the record was lost, the instance registers again.",
    command: showRecord,
  },
  KeyUnreadable: {
    title: "the key in a record cannot be decrypted",
    means: "The KMS key is disabled, forbidden or exchanged, or the record was altered or restored.",
    todo: "See the cause. Enable the KMS key, or put its rights back. Otherwise check CloudTrail for writes to the instance table, and have the instance agree a new key: section A key has leaked or is lost.",
    command: ({ execution }) => ({ aws: `aws kms describe-key --key-id ${namesBeside(execution).keyMaterialKey}` }),
  },
  RecordUnreadable: {
    title: "a record has not the form of one",
    means:
      "Somebody has altered it, or the item of its host, or it was written by another version. It cannot be looked at.",
    todo: "Check CloudTrail for writes to the instance table. Restore the record.",
    command: showRecord,
  },
  NonceModeChanged: {
    title: "a pending key was derived under another setting",
    means:
      "The key that this instance is to get next was derived without a nonce, and `nonce` has been set otherwise since. " +
      "A generation has one key, so it cannot be derived anew.",
    todo: "Set `nonce` back to none until this instance has turned; or have it agree a new key, by the command.",
    ...mendedByRekey("NonceModeChanged"),
  },
  InstanceUnreachable: {
    title: "SSM cannot reach an instance",
    means: "SSM refuses to send to the instance, although it proves its key.",
    todo: "Look at the SSM agent on the instance and at its instance profile. Keyturn tries again by itself.",
    command: hostInSsm,
  },
  PushUndelivered: {
    title: "a push did not reach the agent",
    means: "The command to turn did not reach the agent, or the turn did not end in time.",
    todo: `Look at the SSM agent on the instance. ${LOOK_AT_THE_AGENT}`,
    command: lastCommand,
  },
  PushUnanswered: {
    title: "a push was not answered",
    means: "The instance was told to turn, and neither an answer nor a failure came.",
    todo: `Look at the command in the SSM console. ${LOOK_AT_THE_AGENT}`,
    command: lastCommand,
  },
  PushFailed: {
    title: "the agent failed to turn",
    means: "The agent failed and gave no receipt. Its old key still stands, or the next push finds it turned.",
    todo: `${LOOK_AT_THE_AGENT} Where its key file is damaged: section A key has leaked or is lost.`,
    command: lastCommand,
  },
  PushRefused: {
    title: "the agent refused to turn",
    means:
      "Its ticket does not fit the key that the instance holds, or could not be had; or no new key could be agreed.",
    todo:
      "See the reason in the cause. TICKET_DENIED and TICKET_UNAVAILABLE: the instance's role and its way to DynamoDB. " +
      "REKEY_UNAVAILABLE: its way to the registration function; REKEY_REFUSED: another mail says why. Where a rekey found no " +
      "newer ticket, the key file claims too high a generation: remove it first, as the section says. Otherwise the record and " +
      "the instance have come apart: have it agree a new key, by the command.",
    ...mendedByRekey("PushRefused"),
  },
  ReceiptInvalid: {
    title: "an answer does not prove the new key",
    means: "What the instance answered does not prove the new key, so the new key was not promoted.",
    todo:
      "Somebody altered the agent, its key file or its answer, or answered in its place. Look " +
      "at the instance before you trust it again. Where a rekey stands, it takes one with --anew to replace it.",
    command: lastCommand,
  },
  InvalidInput: {
    title: "a rotation was asked for with what is no ID",
    means:
      "The rotation was asked for with something that is no instance ID (6 lower-case hexadecimal characters), or, of a " +
      "credential, with something that is no version's ID.",
    todo: "Look at the input of the execution and correct whoever started it.",
    command: readExecution,
  },
  RekeyStopped: {
    title: "a rekey of many was stopped",
    means: "So many failed, or could not be started, that the rest, if there was one, was not begun.",
    todo:
      "Look at what else stands: something that many instances share. Then start the same act once more, with the `since` " +
      "that the cause names: it goes on with those that are left.",
    command: listFindings,
  },
  ExecutionCutOff: {
    title: "an execution ended before it could tell anybody",
    means: "It ran out of time, was stopped by somebody, or failed where nothing was foreseen.",
    todo:
      "Open the execution and look at the state that failed. Keyturn tries again by itself, but for one of exposed-key: start " +
      "that once more, as the section says.",
    command: readExecution,
  },
  FleetRotationStopped: {
    title: "a run over the fleet was stopped",
    means: "So many rotations failed, or could not be started, that the rest was not begun.",
    todo: "Look at what else stands: something that many instances share. The next run begins again.",
    command: listFindings,
  },
  ScheduleSilent: {
    title: "no run over the fleet was started",
    means: "The schedule does not fire, or may not start the run. No key is turned.",
    todo: "Is the schedule enabled? Deploy again; then start a run by hand.",
    command: showSchedule,
  },
  NOT_OWNER: refused("A host asked to change a record that belongs to another host."),
  UNKNOWN_ID: refused("A host asked to change a record that does not exist."),
  QUARANTINED: refused("A host in quarantine asked to register."),
  RETIRED: refused("A host asked to change a record that is retired: its host is gone, or has another ID."),
  TOO_MANY_IDS: refused("A host came under five new IDs within a day, or fifty in all without a turn."),
  NO_REKEY: {
    title: "an agent was asked for a new key by nobody",
    means:
      "A host answered a ticket that asks for a new key, and no such rekey stands: somebody made the ticket up, or another " +
      "rekey took its place while the agent answered. Nothing was changed.",
    todo:
      "Was another rekey asked for in the same minutes? Then nothing. Otherwise find out in CloudTrail who wrote the " +
      "table of the tickets.",
    section: "Refused",
    command: showRecord,
  },
  REKEY_TAKEN: {
    title: "a rekey was answered by two",
    means:
      "Of two who answered the rekey of this instance with its host's credentials, the first agreed a key, and this one was " +
      "refused. The first is a thief of these, or an agent whose disk was restored meanwhile.",
    todo:
      "First revoke the sessions of the fleet's role, or replace the host, else a thief answers the next one, too: section " +
      "Credentials were stolen. Then have the instance agree another key, by the command.",
    section: "Refused",
    command: (about) => rekey(about, { anew: true }),
    commandForAll: (about) => rekeyAll("REKEY_TAKEN", about, { anew: true }),
  },
  RegistrationFailed: {
    title: "a registration failed",
    means: "Something failed on the way; nobody was refused, and the agent tries again.",
    todo: "Open the execution and look at the state that failed.",
    section: "RegistrationFailing",
    command: ({ execution }) => ({ aws: `aws logs tail ${namesBeside(execution).registrationLog} --since 1h` }),
  },
  RegisteredAnew: {
    title: "a host has registered anew",
    means:
      "Nothing was written under its former ID any more, so its new one takes the place: the agent has lost its identity file. The former record is retired, its key erased.",
    todo: "If nobody rebuilt the host, find out what happened to the agent's folder.",
    section: "Newcomer",
    command: hostState,
  },
  NewcomerRetired: {
    title: "a host registered again beside itself",
    means: "Its former ID goes on writing. The new one was never turned, and is retired.",
    todo: "Does a second agent run there? Was its clock once far ahead (see the section)? If neither, its credentials are stolen.",
    section: "Newcomer",
    command: hostState,
  },
  Drill: {
    title: "a drill",
    means: "This is only a drill: nothing is wrong. It went the way that a real one goes.",
    todo: "Nothing. Whoever should have got this, and has not, is not reached by a real one either.",
    section: "Drill",
    command: listFindings,
  },
  ...TOKEN_ADVICE,
  ...CREDENTIAL_ADVICE,
  ...EXPOSED_KEY_ADVICE,
};

const UNFORESEEN: Advice = {
  title: "something failed that was not foreseen",
  means: "Something failed that Keyturn did not foresee, or AWS was away for longer than it keeps trying.",
  todo: "Open the execution: the failed state and its cause are marked. Keyturn tries again by itself.",
  section: "Unforeseen",
  command: readExecution,
};

/**
 * What a cause means and what to do about it.
 *
 * @param kind `token` where it stands of a credential that is one; a database's login is what is spoken of else
 */
export function adviceFor(cause: string, kind?: "token"): Advice & { section: string } {
  const lists = kind === "token" ? [TOKEN_ADVICE, ADVICE] : [ADVICE];
  const advice = lists.find((list) => Object.hasOwn(list, cause))?.[cause];
  return { section: cause, ...(advice ?? UNFORESEEN) };
}
