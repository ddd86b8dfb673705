import * as z from "zod/mini";
import { instanceId } from "../../../events/fields.ts";
import { VERDICTS } from "../../rotation/verdicts.ts";
import type { StepContract } from "../../shared/contract.ts";
import { idsOrAll } from "../../shared/meant.ts";
import { pageMark } from "../../shared/page-mark.ts";

/**
 * What is said of an instance: the verdict on what it writes; that its record, or the key in it, cannot be read; or what its
 * record says of one that is not judged, because nothing is expected of it, or because there is none.
 */
const SAID = [...VERDICTS, "UNREADABLE", "NEW", "STOPPED", "QUARANTINED", "RETIRED", "UNKNOWN"] as const;

export const contract = {
  name: "check-records",
  flow: "watch",
  does: "Judges at once the proofs of the instances that somebody means, and turns nothing.",
  input: z.object({
    check: z
      .strictObject(idsOrAll, "must be an object")
      .check(z.refine(({ ids, all }) => (ids === undefined) !== (all === undefined), "must name either ids or all")),
    /** Where the page before ended. */
    after: z.optional(pageMark),
    execution: z.string(),
  }),
  output: z.object({
    checked: z.int(),
    /** Of these: whose proofs fit, with whom something is wrong, and who was not judged, or not to an end. */
    sound: z.int(),
    wrong: z.int(),
    other: z.int(),
    /** Each that is named; of all, those with whom something is wrong. */
    instances: z.array(z.object({ id: instanceId, verdict: z.enum(SAID) })),
    next: z.optional(z.string()),
  }),
  errors: [],
  neighbours: ["registry", "timeSeries", "vault", "findings", "mail", "bus"],
  given: ["now", "intervalMs", "skewMs", "proofsEveryMs", "journal"],
  uses: {
    instanceTable: ["dynamodb:Scan", "dynamodb:GetItem", "dynamodb:UpdateItem"],
    timeSeries: ["timestream:Select", "dynamodb:Query"],
    keyEncryptionKey: ["kms:Decrypt"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
    unscoped: ["timestream:DescribeEndpoints"],
  },
  timeoutSeconds: 120,
} as const satisfies StepContract;
