import * as z from "zod/mini";
import { secretName, secretVersion } from "../../events/fields.ts";

const version = z.optional(secretVersion);

/** What a look has seen of one credential from within the database's network: no value, and no name of a consumer. */
export const seenCredential = z.object({
  /** The secret's name. */
  name: secretName,
  /** Its versions by their parts; missing where there is no such secret, or it is deleted. */
  stages: z.optional(z.object({ current: version, pending: version, predecessor: version })),
  /** What each server says of the current login; none where that is no login of one of the two users. */
  says: z.array(
    z.object({ host: z.string(), says: z.enum(["ACCEPTED", "REFUSED", "UNREACHABLE"]), words: z.optional(z.string()) }),
  ),
  /** Who has moved; missing where that could not be seen. */
  uses: z.optional(
    z.object({
      /** Whether all have moved to the current version, for the quiet time, and its predecessor may be retired. */
      moved: z.boolean(),
      /** How many would be locked out by a turn now. */
      behind: z.int(),
    }),
  ),
  /** What kept it from being seen to the end. */
  failed: z.optional(z.object({ error: z.string(), said: z.string() })),
});

export type SeenCredential = z.infer<typeof seenCredential>;
