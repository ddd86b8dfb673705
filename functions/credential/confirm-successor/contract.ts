import * as z from "zod/mini";
import { AUTHORITY_ERRORS } from "../../clients/authority.ts";
import type { StepContract } from "../../shared/contract.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { current, other, rotation } from "../inputs.ts";
import { CREDENTIAL_VERDICTS } from "../verify-credential/contract.ts";

export const contract = {
  name: "confirm-successor",
  flow: "credential",
  does: "Has each server, or the probe, accept the pending credential, and sees that a login acts as the owner.",
  input: z.object({ ...rotation, current, other, verdict: z.enum(CREDENTIAL_VERDICTS) }),
  output: z.strictObject({}),
  errors: [
    AUTHORITY_ERRORS.unreachable,
    AUTHORITY_ERRORS.loginRefused,
    AUTHORITY_ERRORS.busy,
    AUTHORITY_ERRORS.unwilling,
    CREDENTIAL_ERRORS.unknown,
    CREDENTIAL_ERRORS.superseded,
    CREDENTIAL_ERRORS.unfit,
    CREDENTIAL_ERRORS.readerBehind,
    CREDENTIAL_ERRORS.ownerLost,
    CREDENTIAL_ERRORS.tokenRefused,
  ],
  neighbours: ["secrets", "credentials", "authorities"],
  given: ["now", "credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
  },
  timeoutSeconds: 60,
} as const satisfies StepContract;
