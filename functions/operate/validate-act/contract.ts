import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { ACTS_ON_RECORDS, asked, meant, request } from "../request.ts";

export const contract = {
  name: "validate-act",
  flow: "operate",
  does: "Looks at what is asked for, and whether there is the record that is meant.",
  input: request,
  output: z.discriminatedUnion("act", [
    z.strictObject({ act: z.enum(ACTS_ON_RECORDS), ...meant, ...asked }),
    z.strictObject({ act: z.literal("drill"), ...asked }),
  ]),
  errors: ["UnknownId"],
  neighbours: ["registry"],
  given: [],
  uses: { instanceTable: ["dynamodb:GetItem"] },
  timeoutSeconds: 10,
} as const satisfies StepContract;
