import * as z from "zod/mini";
import { KEY_ERRORS, MANAGER_ERRORS } from "../../clients/authority.ts";
import type { StepContract } from "../../shared/contract.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { current, other, rotation } from "../inputs.ts";

export const contract = {
  name: "push-to-authority",
  flow: "credential",
  does: "Has the database let the other user in, or the issuer give the other token, if that version is pending still.",
  input: z.object({ ...rotation, current, other }),
  output: z.strictObject({}),
  errors: [
    ...new Set([...MANAGER_ERRORS, ...KEY_ERRORS]),
    CREDENTIAL_ERRORS.unknown,
    CREDENTIAL_ERRORS.superseded,
    CREDENTIAL_ERRORS.unfit,
  ],
  neighbours: ["secrets", "credentials", "authorities"],
  given: ["now", "credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    tokenSecrets: ["secretsmanager:PutSecretValue"],
    keySecrets: ["secretsmanager:GetSecretValue"],
    tokenRecords: ["dynamodb:GetItem", "dynamodb:PutItem"],
    managerSecrets: ["secretsmanager:GetSecretValue"],
    managerUsers: ["rds-db:connect"],
  },
  timeoutSeconds: 90,
} as const satisfies StepContract;
