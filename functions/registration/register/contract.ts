import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "register",
  flow: "registration",
  does: "The API that an instance registers with: finds out who calls, and runs the registration flow.",
  // What a Lambda function URL hands in; what the agent put into it is checked by the step, which answers 400.
  input: z.object({
    body: z.optional(z.string()),
    isBase64Encoded: z.boolean(),
    requestContext: z.object({
      http: z.object({ method: z.string() }),
      authorizer: z.optional(
        z.object({ iam: z.object({ accountId: z.string(), userId: z.string(), userArn: z.string() }) }),
      ),
    }),
  }),
  output: z.strictObject({
    statusCode: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
  errors: ["RegistrationFailed", "RegistrationCutOff"],
  neighbours: ["registrations"],
  given: ["fleet", "intervalMs", "sampleStore", "journal"],
  uses: { registrationFlow: ["states:StartSyncExecution"] },
  timeoutSeconds: 60,
} as const satisfies StepContract;
