import * as z from "zod/mini";
import { accessKeyId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { owner, shutKey, userName } from "../forms.ts";

export const contract = {
  name: "read-key",
  flow: "exposed-key",
  does: "Whose an access key is.",
  input: z.object({ accessKeyId, claimedUser: z.optional(userName) }),
  output: z.strictObject({
    owner,
    user: z.optional(userName),
    account: z.optional(z.string()),
    lastUse: shutKey.shape.lastUse,
  }),
  errors: [],
  neighbours: ["accessKeys"],
  given: [],
  uses: { unscoped: ["iam:GetAccessKeyLastUsed", "sts:GetAccessKeyInfo"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
