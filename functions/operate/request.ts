import * as z from "zod/mini";
import { ec2InstanceId, instanceId, isoTime } from "../../events/fields.ts";
import type { Status } from "../record/record.ts";
import { idsOrAll } from "../shared/meant.ts";
import { isPrintable } from "../shared/printable.ts";
import { ADVICE } from "../telling/advice.ts";

/** What is done to one record at a time. */
const ACTS_ON_ONE = ["quarantine", "release", "retire"] as const;
/** What a person may do to a record. A further one needs a step of its own, and a choice in statemachines/operate.asl.yaml. */
export const ACTS_ON_RECORDS = [...ACTS_ON_ONE, "rekey"] as const;
const ACTS = [...ACTS_ON_RECORDS, "drill"];

const A_TEXT = "must be a text of printable characters, 200 at the most";
/** What somebody claims. It goes into mails and logs, so it has no line of its own there. */
const claim = z.optional(z.string(A_TEXT).check(z.maxLength(200, A_TEXT), z.refine(isPrintable, A_TEXT)));
const claims = { reason: claim, requestedBy: claim };

const A_CAUSE = "must be the cause of a finding as mails name it, such as MISMATCH";

/** How the instances are named that one act on many means: one by one, by what stands of them, or all. */
export const meantMany = {
  ...idsOrAll,
  /** Those of whom a finding with this cause stands. */
  cause: z.optional(z.string(A_CAUSE).check(z.refine((cause) => Object.hasOwn(ADVICE, cause), A_CAUSE))),
};

const rekeying = z
  .strictObject({
    act: z.literal("rekey"),
    id: z.optional(instanceId),
    ...meantMany,
    /** Also where somebody has answered a rekey that stands already, who was not the instance. */
    anew: z.optional(z.boolean("must be true or false")),
    /** Who was rekeyed since then is passed over: who was stopped half way starts again with the same moment. */
    since: z.optional(isoTime.check(z.refine((moment) => Date.parse(moment) >= 0, "must not be before 1970"))),
    ...claims,
  })
  .check(
    z.refine(
      ({ id, ids, cause, all }) => [id, ids, cause, all].filter((named) => named !== undefined).length === 1,
      "must name whom it means by exactly one of id, ids, cause and all",
    ),
    z.refine(({ id, since }) => id === undefined || since === undefined, {
      error: "must be left out of a rekey of one: it says where one of many goes on",
      path: ["since"],
    }),
  );

/** What an execution is started with. */
export const request = z.discriminatedUnion(
  "act",
  [
    z.strictObject({ act: z.enum(ACTS_ON_ONE), id: instanceId, ...claims }),
    rekeying,
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
