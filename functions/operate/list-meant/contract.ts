import * as z from "zod/mini";
import { instanceId, timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { pageMark } from "../../shared/page-mark.ts";
import { meantMany } from "../request.ts";

export const contract = {
  name: "list-meant",
  flow: "operate",
  does: "Lists a page of the instances that are meant by one act on many.",
  input: z.object({
    ...meantMany,
    /** Who was rekeyed since then is passed over, in milliseconds since 1970. */
    since: timeMs,
    /** Where the page before ended. */
    after: z.optional(pageMark),
  }),
  output: z.object({ ids: z.array(instanceId), next: z.optional(z.string()) }),
  errors: [],
  neighbours: ["registry", "findings"],
  given: [],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:Scan"],
    findingIndexes: ["dynamodb:Query"],
  },
  timeoutSeconds: 20,
} as const satisfies StepContract;
