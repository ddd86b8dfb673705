import * as z from "zod/mini";
import { timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { userName } from "../forms.ts";

export const contract = {
  name: "deny-sessions",
  flow: "exposed-key",
  does: "Denies everything to what was issued to the key's user before now.",
  input: z.object({
    user: userName,
    /** Before when, in milliseconds since 1970: when the state was entered. */
    before: timeMs,
  }),
  output: z.strictObject({ done: z.enum(["SESSIONS_DENIED", "GONE"]) }),
  errors: [],
  neighbours: ["accessKeys"],
  given: ["journal"],
  uses: { usersDenied: ["iam:PutUserPolicy"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
