import * as z from "zod/mini";
import { instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { actOnRecord } from "../request.ts";

export const contract = {
  name: "retire",
  flow: "operate",
  does: "Retires an instance: its key material is erased, and its ID is never used again.",
  input: actOnRecord,
  output: z.strictObject({ outcome: z.literal("RETIRED"), id: instanceId }),
  errors: ["UnknownId"],
  neighbours: ["registry", "audit"],
  given: ["now", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
  },
  timeoutSeconds: 10,
} as const satisfies StepContract;
