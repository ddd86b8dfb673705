import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { secretName } from "./fields.ts";

/** Somebody asks that a credential be turned now, perhaps beyond what a plain rotation does. */
export const credentialRotationRequested = {
  detailType: "Credential Rotation Requested",
  detail: z.strictObject({
    /** The secret's name. */
    secret: secretName,
    /**
     * In an incident: who still uses the user that is turned is not waited for, and is locked out. A token that was current is
     * revoked right after another one has taken its place.
     */
    force: z.optional(z.boolean()),
    /** The database refuses the current credential: the rotation mends that. */
    heal: z.optional(z.boolean()),
    /** Who asks and why, for the audit trail. */
    requestedBy: z.optional(z.string().check(z.maxLength(100))),
    reason: z.optional(z.string().check(z.maxLength(200))),
  }),
} satisfies EventKind;
