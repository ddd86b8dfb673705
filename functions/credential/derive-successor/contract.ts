import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { current, other, rotation } from "../inputs.ts";

export const contract = {
  name: "derive-successor",
  flow: "credential",
  does: "Draws the password of the pending version, once, and keeps it in Secrets Manager before anybody hears of it.",
  input: z.object({ ...rotation, current, other }),
  output: z.strictObject({}),
  errors: [CREDENTIAL_ERRORS.unknown, CREDENTIAL_ERRORS.superseded],
  neighbours: ["secrets"],
  given: ["random", "credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    databaseSecrets: ["secretsmanager:PutSecretValue"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
