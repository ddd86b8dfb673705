import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { seenCredential } from "../seen-credential.ts";

/** It runs in the databases' network, from where nothing else is reached: so it tells nobody, and starts nothing. */
export const contract = {
  name: "read-credentials",
  flow: "watch",
  does: "Reads of each credential whether its authority accepts it, and who uses it.",
  input: z.object({}),
  output: z.object({ credentials: z.array(seenCredential) }),
  errors: [],
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
  timeoutSeconds: 120,
} as const satisfies StepContract;
