import * as z from "zod/mini";
import { timeMs } from "../../../events/fields.ts";
import { asked } from "../../audit/asked.ts";
import type { StepContract } from "../../shared/contract.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { current, other, rotation } from "../inputs.ts";
import { CREDENTIAL_VERDICTS } from "../verify-credential/contract.ts";

export const contract = {
  name: "promote-successor",
  flow: "credential",
  does: "Makes the confirmed version the current one, with its audit line.",
  input: z.object({
    ...rotation,
    current,
    other,
    verdict: z.enum(CREDENTIAL_VERDICTS),
    execution: z.string(),
    asked,
    /** When the state was entered that calls this. */
    enteredAt: timeMs,
  }),
  output: z.strictObject({
    /** The former user, where there is one to be retired, and his version. */
    predecessor: z.optional(other),
    /** When consumers can have moved at the earliest, in seconds. */
    againInSeconds: z.int(),
  }),
  errors: [CREDENTIAL_ERRORS.unknown, CREDENTIAL_ERRORS.superseded, CREDENTIAL_ERRORS.gone],
  neighbours: ["secrets", "credentials", "audit", "bus"],
  given: ["now", "journal", "credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret", "secretsmanager:UpdateSecretVersionStage"],
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
