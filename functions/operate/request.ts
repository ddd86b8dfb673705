import * as z from "zod/mini";
import { ec2InstanceId, instanceId } from "../../events/fields.ts";
import type { Status } from "../record/record.ts";
import { isPrintable } from "../shared/printable.ts";

/** What a person may do to a record. A further one needs a step of its own, and a choice in statemachines/operate.asl.yaml. */
export const ACTS_ON_RECORDS = ["quarantine", "release", "retire"] as const;
const ACTS = [...ACTS_ON_RECORDS, "drill"];

const A_TEXT = "must be a text of printable characters, 200 at the most";
/** What somebody claims. It goes into mails and logs, so it has no line of its own there. */
const claim = z.optional(z.string(A_TEXT).check(z.maxLength(200, A_TEXT), z.refine(isPrintable, A_TEXT)));
const claims = { reason: claim, requestedBy: claim };

/** What an execution is started with. */
export const request = z.discriminatedUnion(
  "act",
  [
    z.strictObject({ act: z.enum(ACTS_ON_RECORDS), id: instanceId, ...claims }),
    z.strictObject({ act: z.literal("drill"), id: z.optional(z.never("must be left out of a drill")), ...claims }),
  ],
  { error: ({ input }) => (isObject(input) ? `must be one of ${ACTS.join(", ")}` : "must be an object") },
);

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const STATUSES = ["NEW", "ACTIVE", "STOPPED", "QUARANTINED", "RETIRED"] as const satisfies Status[];

/** Who asks and why, as claimed; empty where nothing was said. */
export const asked = { reason: z.string(), requestedBy: z.string() };

/** The record that is meant, as it stood when the execution began. */
export const meant = { id: instanceId, ec2InstanceId, status: z.enum(STATUSES) };

/** What each act on a record is given, whether it needs all of it or not. */
export const actOnRecord = z.object({
  ...meant,
  ...asked,
  /** The execution's ARN. */
  execution: z.string(),
});

export type ActOnRecord = z.infer<typeof actOnRecord>;
