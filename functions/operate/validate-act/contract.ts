import * as z from "zod/mini";
import { timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { ACTS_ON_RECORDS, asked, meant, meantMany, request } from "../request.ts";

export const contract = {
  name: "validate-act",
  flow: "operate",
  does: "Looks at what is asked for, and whether there is the record that is meant.",
  input: request,
  output: z.discriminatedUnion("act", [
    z.strictObject({ act: z.enum(ACTS_ON_RECORDS), ...meant, anew: z.boolean(), ...asked }),
    /** One rekey for many: each is an execution of its own. */
    z.strictObject({
      act: z.literal("rekey-many"),
      ...meantMany,
      anew: z.boolean(),
      since: z.optional(timeMs),
      ...asked,
    }),
    z.strictObject({ act: z.literal("drill"), ...asked }),
  ]),
  errors: ["UnknownId"],
  neighbours: ["registry"],
  given: [],
  uses: { instanceTable: ["dynamodb:GetItem"] },
  timeoutSeconds: 10,
} as const satisfies StepContract;
