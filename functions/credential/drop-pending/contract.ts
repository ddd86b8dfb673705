import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { rotation } from "../inputs.ts";

export const contract = {
  name: "drop-pending",
  flow: "credential",
  does: "Frees a secret for its next rotation, where nothing is set at the authority that this one would have to finish.",
  input: z.object({
    ...rotation,
    /** Whether it is known that the pending version is not in force; else it is not, if it has no value yet. */
    judged: z.boolean(),
  }),
  output: z.strictObject({}),
  errors: [],
  neighbours: ["secrets"],
  given: [],
  uses: { credentialSecrets: ["secretsmanager:GetSecretValue", "secretsmanager:UpdateSecretVersionStage"] },
  timeoutSeconds: 15,
} as const satisfies StepContract;
