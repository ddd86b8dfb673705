import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { asked } from "../request.ts";

export const contract = {
  name: "drill",
  flow: "operate",
  does: "Tells of a finding that says it is none, on the bus and by mail, and ends it.",
  input: z.object({
    ...asked,
    /** The execution's ARN, whose name the finding is told by. */
    execution: z.string(),
  }),
  output: z.object({
    /**
     * Drilled: all was told. Gathered: it is one of more than five within ten minutes, which are not mailed one by one.
     * Claimed: another try of it was about to mail, and may have died; the next one can when that claim has run out.
     */
    outcome: z.enum(["DRILLED", "GATHERED", "CLAIMED"]),
  }),
  errors: [],
  neighbours: ["findings", "mail", "bus"],
  given: ["now", "journal"],
  uses: {
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
