import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { current, other, rotation } from "../inputs.ts";

export const contract = {
  name: "validate-secret",
  flow: "credential",
  does: "Finds which version of a secret is turned into which, and the user that is turned.",
  input: z.object({
    ...rotation,
    /** Only whether the current credential is accepted is asked. */
    test: z.optional(z.boolean()),
  }),
  output: z.strictObject({
    /** Whether it is to be turned; is current already, and its predecessor is not retired yet; or is only to be tested. */
    stage: z.enum(["TURN", "RETIRE", "TEST"]),
    current,
    other,
    /** What was asked for under this token beyond a plain rotation. */
    force: z.boolean(),
    heal: z.boolean(),
  }),
  errors: [
    CREDENTIAL_ERRORS.unknown,
    CREDENTIAL_ERRORS.gone,
    CREDENTIAL_ERRORS.notPending,
    CREDENTIAL_ERRORS.superseded,
  ],
  neighbours: ["secrets", "credentials", "executions"],
  given: ["credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    credentialExecutions: ["states:DescribeExecution"],
    instanceTable: ["dynamodb:GetItem"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
