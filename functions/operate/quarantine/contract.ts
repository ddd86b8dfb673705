import * as z from "zod/mini";
import { instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { actOnRecord } from "../request.ts";

export const contract = {
  name: "quarantine",
  flow: "operate",
  does: "Puts an instance in quarantine: from then on nothing about its keys is written.",
  input: actOnRecord,
  /** Retired it is where there was nothing left to put there. */
  output: z.strictObject({ outcome: z.enum(["QUARANTINED", "RETIRED"]), id: instanceId }),
  errors: ["UnknownId"],
  neighbours: ["registry", "audit"],
  given: ["now", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
  },
  timeoutSeconds: 10,
} as const satisfies StepContract;
