import * as z from "zod/mini";
import { accessKeyId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { userName } from "../forms.ts";

export const contract = {
  name: "confirm-gone",
  flow: "exposed-key",
  does: "Whether nobody can sign with the key any more, and whether AWS has put its own quarantine on the user.",
  input: z.object({ accessKeyId, user: userName }),
  output: z.strictObject({
    /** Whether the key is there still, and inactive, or gone. */
    is: z.enum(["INACTIVE", "GONE"]),
    /** Other keys of the user that are active. */
    otherKeys: z.array(accessKeyId),
    /** The names of AWS's quarantine policies that are attached to the user; left out where they could not be read, and why. */
    quarantine: z.optional(z.array(z.string())),
    unread: z.optional(z.string()),
  }),
  /** The key can be signed with still. IAM may say for some seconds what was before. */
  errors: ["StillActive"],
  neighbours: ["accessKeys"],
  given: [],
  uses: { users: ["iam:ListAccessKeys", "iam:ListAttachedUserPolicies"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
