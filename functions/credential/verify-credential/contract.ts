import * as z from "zod/mini";
import { AUTHORITY_ERRORS } from "../../clients/authority.ts";
import type { StepContract } from "../../shared/contract.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { behind, current, other, rotation } from "../inputs.ts";

export const CREDENTIAL_VERDICTS = ["SUPERSEDED", "UNSET", "BEHIND", "MISMATCH", "MATCH_PENDING", "MATCH"] as const;

export const contract = {
  name: "verify-credential",
  flow: "credential",
  does: "Verifies that the authority accepts the current credential, and judges whether it may be turned.",
  input: z.object({
    ...rotation,
    current,
    other,
    behind: z.array(behind),
    force: z.boolean(),
    heal: z.boolean(),
    /** Only whether the current credential is accepted is asked: there need be no pending version. */
    test: z.boolean(),
  }),
  output: z.strictObject({
    verdict: z.enum(CREDENTIAL_VERDICTS),
    /** Whether it is turned. */
    turns: z.boolean(),
    /** What the authority said, or who is behind; empty where there is nothing to say. */
    said: z.string(),
  }),
  errors: [AUTHORITY_ERRORS.unreachable, AUTHORITY_ERRORS.unwilling, CREDENTIAL_ERRORS.unknown, CREDENTIAL_ERRORS.gone],
  neighbours: ["secrets", "credentials", "audit", "authorities"],
  given: ["now", "credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    instanceTable: ["dynamodb:GetItem"],
    auditTable: ["dynamodb:Query"],
  },
  timeoutSeconds: 60,
} as const satisfies StepContract;
