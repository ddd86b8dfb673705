import * as z from "zod/mini";
import { secretVersion } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";

export const contract = {
  name: "rotate",
  flow: "credential",
  does: "Secrets Manager's rotation function: starts the flow for a version, and says how it ended.",
  /** As Secrets Manager sends it. */
  input: z.object({
    Step: z.enum(["createSecret", "setSecret", "testSecret", "finishSecret"]),
    /** The secret's ARN. */
    SecretId: z.string().check(z.minLength(1), z.maxLength(2048)),
    ClientRequestToken: secretVersion,
  }),
  output: z.strictObject({}),
  errors: [
    CREDENTIAL_ERRORS.unknown,
    /** The flow has ended without the version being current; the message says why. */
    "RotationFailed",
    /** The flow goes on still. */
    "RotationUnderWay",
  ],
  neighbours: ["secrets", "executions"],
  given: ["now", "wait", "credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret"],
    credentialFlow: ["states:StartExecution"],
    credentialExecutions: ["states:DescribeExecution"],
  },
  timeoutSeconds: 300,
} as const satisfies StepContract;
