import * as z from "zod/mini";
import { accessKeyId, timeMs } from "../../events/fields.ts";

// What the steps of this flow hand each other. Every list is bounded, since a state's data may be 256 KiB, and many keys' come
// together.

/** Names, addresses and causes as they are told: cut, since others have chosen them. */
const told = z.string().check(z.maxLength(300));

/** The name of an IAM user. */
export const USER_FORM = /^[\w+=,.@-]{1,64}$/;
export const userName = z.string().check(z.regex(USER_FORM, "must be the name of an IAM user"));

/** A key that an event names, and whose it says that it is: IAM is asked, and only where it does not say, this is tried. */
export const namedKey = z.object({ accessKeyId, claimedUser: z.optional(userName) });
export type NamedKey = z.infer<typeof namedKey>;

/** How many keys of one event are looked at, and how many other things that stand in their place are told. */
export const MOST_KEYS = 100;
export const MOST_UNFIT = 20;

/** Whose a key is. `TEMPORARY` is one of a session, `UNKNOWN` where it could not be found out. */
export const owner = z.enum(["USER", "ROOT", "OTHERS", "NOBODY", "TEMPORARY", "UNKNOWN"]);

/** A step that failed, and why; the others go on. */
export const failure = z.object({ step: z.string(), what: z.string(), cause: told });
export type Failure = z.infer<typeof failure>;

/** Calls of one name. Times in milliseconds since 1970. */
export const calls = z.object({
  /** E.g. `iam:CreateUser`. */
  name: told,
  count: z.int(),
  first: timeMs,
  last: timeMs,
  /** How many of them were refused. */
  refused: z.int(),
  /** Whether it leaves something behind that outlives the key: users, keys, roles, policies, instances, functions. */
  leaves: z.boolean(),
  /** In which Regions, and from where; a few of them. */
  regions: z.array(z.string()),
  addresses: z.array(told),
});
export type Calls = z.infer<typeof calls>;

/** What was done with a key, as far as CloudTrail says. */
export const use = z.object({
  /** Those that leave something behind first, then the most frequent; at most `MOST_CALLS` names. */
  calls: z.array(calls),
  /** How many calls there were, and how many of them have a name that `calls` has no room for. */
  total: z.int(),
  left: z.int(),
  /** ARNs of roles that were taken on with it, whose sessions the deny on the user does not reach. */
  roles: z.array(told),
  /** Regions whose calls could not be read, or not all of them, and why. */
  unread: z.array(z.object({ region: z.string(), why: told })),
});
export type Use = z.infer<typeof use>;
export const MOST_CALLS = 40;
export const MOST_ROLES = 40;
/** In how many Regions, and from how many addresses, calls of a name are told to be made. */
export const MOST_PLACES = 5;

/** Where the look-up of a key's use goes on: which Region of the list, and which page of it. */
export const mark = z.object({ region: z.int(), page: z.optional(z.string()), rounds: z.int() });

/** What is done, as the settings were when the execution began. */
export const orders = {
  then: z.enum(["deactivate", "delete"]),
  denySessions: z.boolean(),
  regions: z.array(z.string()),
  /** From when on it is looked up what was done, in milliseconds since 1970. */
  from: timeMs,
};

/** What is done with a key, step by step, and how it ended; all that is known of it where it is told. */
export const shutKey = z.object({
  accessKeyId,
  owner,
  user: z.optional(userName),
  /** The other account, where it is known. */
  account: z.optional(z.string()),
  lastUse: z.optional(z.object({ at: timeMs, service: told, region: told })),
  /** What was done, in this order: `DEACTIVATED`, `SESSIONS_DENIED`, `DELETED`; `GONE` where there was nothing to do it to. */
  done: z.array(z.enum(["DEACTIVATED", "SESSIONS_DENIED", "DELETED", "GONE"])),
  failed: z.array(failure),
});
export type ShutKey = z.infer<typeof shutKey>;
