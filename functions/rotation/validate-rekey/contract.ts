import * as z from "zod/mini";
import { generation, instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";

export const contract = {
  name: "validate-rekey",
  flow: "rotation",
  does: "Fixes the rekey that this execution pushes, since one stands.",
  input: z.object({ id: instanceId }),
  output: z.extend(validatedInstance, {
    /** The generation of the rekey. */
    rekey: generation,
  }),
  errors: ["UnknownId", "Retired", "Quarantined", "Waiting", "Superseded"],
  neighbours: ["registry"],
  given: [],
  uses: { instanceTable: ["dynamodb:GetItem"] },
  timeoutSeconds: 10,
} as const satisfies StepContract;
