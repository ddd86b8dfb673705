import * as z from "zod/mini";
import { instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { actOnRecord } from "../request.ts";

export const contract = {
  name: "release",
  flow: "operate",
  does: "Releases an instance from its quarantine: it is again what it was before.",
  input: actOnRecord,
  /** Where it was in none, or is retired, there was nothing to do. */
  output: z.strictObject({ outcome: z.enum(["RELEASED", "NOT_QUARANTINED", "RETIRED"]), id: instanceId }),
  errors: ["UnknownId"],
  neighbours: ["registry", "audit"],
  given: ["now", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
  },
  timeoutSeconds: 10,
} as const satisfies StepContract;
