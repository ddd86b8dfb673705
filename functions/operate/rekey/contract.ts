import * as z from "zod/mini";
import { generation, instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { actOnRecord } from "../request.ts";

export const contract = {
  name: "rekey",
  flow: "operate",
  does: "Opens a rekey: the instance is to agree a new key, of which nothing follows from any key before.",
  input: z.extend(actOnRecord, {
    /** Whether it takes the place of one that somebody has answered already, who was not the instance. */
    anew: z.boolean(),
  }),
  output: z.discriminatedUnion("outcome", [
    /** It stands, by this execution or another one, and its ticket can be pushed; or once the host is on again. */
    z.strictObject({ outcome: z.enum(["OPENED", "WAITING"]), id: instanceId, generation }),
    /** Nothing was done. `NEW` is one that registered a moment ago, or waits beside its former record. */
    z.strictObject({ outcome: z.enum(["QUARANTINED", "RETIRED", "NEW"]), id: instanceId }),
  ]),
  errors: ["UnknownId", "AgentTooOld"],
  neighbours: ["registry", "tickets", "timeSeries", "nonces", "audit"],
  given: ["now", "skewMs", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    ticketTable: ["dynamodb:GetItem"],
    timeSeries: ["timestream:Select", "dynamodb:Query"],
    nonceKey: ["kms:GenerateMac"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    unscoped: ["timestream:DescribeEndpoints"],
  },
  timeoutSeconds: 20,
} as const satisfies StepContract;
