import * as z from "zod/mini";
import { generation, instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";

export const contract = {
  name: "validate-id",
  flow: "rotation",
  does: "Looks the instance up and fixes the generation that this execution turns.",
  input: z.object({ id: instanceId }),
  output: z.extend(validatedInstance, {
    /** The generation of the rekey, where one stands: then that is pushed, whatever the samples say. */
    rekey: z.optional(generation),
  }),
  errors: ["UnknownId", "Retired", "Quarantined", "Newcomer", "Waiting"],
  neighbours: ["registry"],
  given: [],
  uses: { instanceTable: ["dynamodb:GetItem"] },
  timeoutSeconds: 10,
} as const satisfies StepContract;
