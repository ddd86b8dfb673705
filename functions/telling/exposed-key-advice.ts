import type { Advice } from "./advice-form.ts";
import { describeKey, lookUpCalls, readEvent, shutKeyAgain } from "./exposed-key-commands.ts";

const GO_THROUGH =
  "Go through its calls: take away what they left behind, and revoke the sessions of the roles that were taken on.";

/** By what is found of an access key that is exposed, or of an event that says so. */
export const EXPOSED_KEY_ADVICE: Record<string, Advice> = {
  AccessKeyExposed: {
    title: "an exposed access key is shut",
    means:
      "Somebody has found this key where others can read it. Nobody can sign with it any more, and whatever of yours used it fails " +
      "now. What was done with it before is told as far as CloudTrail had it by then; if there is more, another mail comes.",
    todo:
      `${GO_THROUGH} Give whoever used the key another one, or better a role, and find out where this one was read. Then delete ` +
      "it, if it is not gone. After a false alarm, the commands beside what was done undo it.",
    command: lookUpCalls,
  },
  ExposedKeyNotShut: {
    title: "an exposed access key may be open still",
    means:
      "Somebody has found this key where others can read it, and it could not be confirmed that nobody can sign with it any more. " +
      "It stands until a later execution confirms that.",
    todo:
      "Shut it now: by hand, or mend what is in the way and have Keyturn try again, by the command, which also confirms it and ends " +
      `this. ${GO_THROUGH}`,
    command: shutKeyAgain,
  },
  RootKeyExposed: {
    title: "an access key of the root user is exposed",
    means:
      "Whoever has it may do everything in this account, and nobody but the root user himself can shut it. Keyturn has not touched it.",
    todo:
      "Now: sign in to the console as the root user, open Security credentials, make this key inactive, and delete it. Change the " +
      `root user's password, and look at his MFA. ${GO_THROUGH} A root user needs no access key.`,
    command: lookUpCalls,
  },
  ExposedKeyOfOthers: {
    title: "an exposed access key is another account's",
    means:
      "The key belongs to no user of this account, so Keyturn may not touch it. Whoever has it may be able to use it still.",
    todo:
      "Is that account one of yours? Have it shut there: by hand, or by a deployment of Keyturn in it, which takes the same event. " +
      "Otherwise tell whoever owns it, or AWS.",
    command: describeKey,
  },
  TemporaryKeyExposed: {
    title: "an exposed access key is that of a session",
    means:
      "Temporary credentials cannot be made inactive: who has them can use them until they run out, after 36 hours at the longest, " +
      "unless the sessions of their role or user are revoked. Keyturn has not touched them.",
    todo:
      "See in the answer of the command whose session it is (Username, and userIdentity in each event). Revoke the sessions of that " +
      `role, or deny them to that user, as the section says. ${GO_THROUGH}`,
    command: lookUpCalls,
  },
  MoreUseFound: {
    title: "a second look at an exposed key has more to tell",
    means:
      "CloudTrail has a call some minutes after it was made. A second look has found calls that the mail before this one did not have; " +
      "or it could not look, where a step has failed.",
    todo: `${GO_THROUGH} Where it could not look, look yourself, by the command, in each Region.`,
    command: lookUpCalls,
  },
  ExposureUnread: {
    title: "an event about exposed keys was not worked off whole",
    means:
      "Its kind is not known, it names no key or something that is none, it names more keys than are looked at, or it could not be " +
      "read. Nothing was done about that part of it. Of each key that was shut another mail tells.",
    todo:
      "Read the event, by the command. Is a key in it of which no mail tells? Have it shut as the section says. If AWS has a new " +
      "kind of such events, tell whoever looks after Keyturn.",
    command: readEvent,
  },
};
