import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { timeMs } from "./fields.ts";

/** Something that a person is told has begun: for a pager or a chat, beside the mail. */
export const findingOpened = {
  detailType: "Finding Opened",
  detail: z.strictObject({
    /** An instance's ID, an EC2 instance's ID, a flow's name, what was given as an ID in quotation marks, or `fleet`. */
    subject: z.string(),
    /** What it is: a section of this name stands in the runbook. */
    cause: z.string(),
    /** Since when it stands: with subject and cause its name. */
    since: timeMs,
    /** ARN of the execution that found it. */
    execution: z.string(),
  }),
} satisfies EventKind;
