import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { rotation } from "../inputs.ts";

export const contract = {
  name: "drop-pending",
  flow: "credential",
  does: "Frees a secret for its next rotation, where this one ends before anything was set at the authority.",
  input: z.object(rotation),
  output: z.strictObject({}),
  errors: [],
  neighbours: ["secrets"],
  given: [],
  uses: { credentialSecrets: ["secretsmanager:UpdateSecretVersionStage"] },
  timeoutSeconds: 15,
} as const satisfies StepContract;
