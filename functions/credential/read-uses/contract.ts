import * as z from "zod/mini";
import { MANAGER_ERRORS } from "../../clients/authority.ts";
import type { StepContract } from "../../shared/contract.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { behind, current, other, rotation } from "../inputs.ts";

export const contract = {
  name: "read-uses",
  flow: "credential",
  does: "Reads who uses the two users: by the database's sessions, and by use proofs in the time series.",
  input: z.object({
    ...rotation,
    current,
    other,
    /** How often consumers were waited for already; 0 before anything is turned. */
    waits: z.int().check(z.minimum(0)),
  }),
  output: z.strictObject({
    /** Who uses the other user still, or was not seen on the current one. */
    behind: z.array(behind),
    /** Those of them of whom the bus is to be told now. */
    unannounced: z.array(behind),
    /** Whether all have moved, and have done so for the quiet time. */
    moved: z.boolean(),
    /** Whether the deadline for that is over. */
    late: z.boolean(),
    /** Whether the version is not the one any more whose consumers are waited for. */
    superseded: z.boolean(),
    /** When it is worth while to look again, in seconds. */
    againInSeconds: z.int(),
  }),
  errors: [
    ...MANAGER_ERRORS,
    CREDENTIAL_ERRORS.unknown,
    /** So many use proofs lie there that they cannot be read to their end. */
    "TooManyUses",
  ],
  neighbours: ["secrets", "credentials", "uses", "authorities"],
  given: ["now", "skewMs", "credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    managerSecrets: ["secretsmanager:GetSecretValue"],
    managerUsers: ["rds-db:connect"],
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    timeSeries: ["timestream:Select"],
    seriesIndexes: ["dynamodb:Query"],
    unscoped: ["timestream:DescribeEndpoints"],
  },
  timeoutSeconds: 60,
} as const satisfies StepContract;
