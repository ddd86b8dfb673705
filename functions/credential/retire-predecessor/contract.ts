import * as z from "zod/mini";
import { timeMs } from "../../../events/fields.ts";
import { KEY_ERRORS, MANAGER_ERRORS } from "../../clients/authority.ts";
import type { StepContract } from "../../shared/contract.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { other, rotation } from "../inputs.ts";

export const contract = {
  name: "retire-predecessor",
  flow: "credential",
  does: "Shuts the former user, by no login first and later no password, or revokes the former token, if it is that still.",
  input: z.object({
    ...rotation,
    other,
    stroke: z.enum(["LOGIN", "PASSWORD"]),
    execution: z.string(),
    /** When the state was entered that calls this. */
    enteredAt: timeMs,
  }),
  output: z.strictObject({
    /** After how many seconds the next stroke is due. */
    againInSeconds: z.int(),
    /** Whether there is no next one. */
    over: z.boolean(),
  }),
  errors: [
    ...new Set([...MANAGER_ERRORS, ...KEY_ERRORS]),
    CREDENTIAL_ERRORS.unknown,
    CREDENTIAL_ERRORS.superseded,
    CREDENTIAL_ERRORS.letInAgain,
    CREDENTIAL_ERRORS.stillAccepted,
  ],
  neighbours: ["secrets", "credentials", "audit", "authorities"],
  given: ["now", "journal", "credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    keySecrets: ["secretsmanager:GetSecretValue"],
    managerSecrets: ["secretsmanager:GetSecretValue"],
    managerUsers: ["rds-db:connect"],
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
  },
  timeoutSeconds: 90,
} as const satisfies StepContract;
