import * as z from "zod/mini";
import { instanceId, timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { idsOrAll } from "../../shared/meant.ts";
import { pageMark } from "../../shared/page-mark.ts";

/**
 * What a run is started with: whom a person means; by a schedule nothing of that. Whatever else somebody gives is passed over,
 * or, where it claims who asks, cut.
 */
const started = z
  .object(idsOrAll, "must be an object")
  .check(
    z.refine(
      ({ ids, all }) => ids === undefined || all === undefined,
      "must name whom it means by ids or by all alone",
    ),
  );

export const contract = {
  name: "list-due",
  flow: "fleet-rotation",
  does: "Lists a page of the instances whose keys are due to be turned, or are to be turned now, since somebody says so.",
  input: z.object({
    input: z.optional(started),
    /** The moment of the run; the first page fixes it for the others. */
    at: z.optional(timeMs),
    /** Where the page before ended. */
    after: z.optional(pageMark),
  }),
  output: z.object({
    at: timeMs,
    due: z.array(z.object({ id: instanceId, name: z.string() })),
    next: z.optional(z.string()),
  }),
  errors: ["UnknownId"],
  neighbours: ["registry"],
  given: ["now", "rotateEveryMs"],
  uses: { instanceIndexes: ["dynamodb:Query"], instanceTable: ["dynamodb:GetItem", "dynamodb:Scan"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
