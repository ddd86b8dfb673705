import * as z from "zod/mini";
import { secretName, secretVersion } from "../../events/fields.ts";

// What the steps of this flow are given and give each other.

/** Which rotation it is: of which secret, by the token that is its version's ID. */
export const rotation = { secret: secretName, token: secretVersion };

/** A user of the database. Which ones there may be, the settings say. */
export const user = z.string().check(z.minLength(1), z.maxLength(63));

/** The version in force. Its value may name somebody who is none of the two users, and then the user is missing. */
export const current = z.object({ versionId: secretVersion, user: z.optional(user) });

/** The user that takes turns with the one in force, and the version that is his, where there is one. */
export const other = z.object({ user, versionId: z.optional(secretVersion) });

/** A consumer that has not moved to the current version, or not for long enough. */
export const behind = z.object({
  consumer: z.string(),
  /**
   * It was seen on the former user within the quiet time; it was never seen on the current one; or it is none of the
   * consumers that the settings name, and uses the former user.
   */
  why: z.enum(["USES_FORMER", "NOT_SEEN", "NOT_NAMED"]),
  /** When it was seen last on the former user. */
  lastAt: z.optional(z.number()),
  address: z.optional(z.string()),
  ec2InstanceId: z.optional(z.string()),
  /** The ARN of the role as which it proves its uses, where it runs on no instance. */
  role: z.optional(z.string()),
});

export type Behind = z.infer<typeof behind>;
