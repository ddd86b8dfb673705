import * as z from "zod/mini";
import { instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";

export const contract = {
  name: "validate-id",
  flow: "rotation",
  does: "Looks the instance up and fixes the generation that this execution turns.",
  input: z.object({ id: instanceId }),
  output: validatedInstance,
  errors: ["UnknownId", "Retired", "Quarantined", "Newcomer", "Rekeying"],
  neighbours: ["registry"],
  given: [],
  uses: { instanceTable: ["dynamodb:GetItem"] },
  timeoutSeconds: 10,
} as const satisfies StepContract;
