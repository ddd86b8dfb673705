import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { timeMs } from "./fields.ts";

/** What a person was told is over. */
export const findingEnded = {
  detailType: "Finding Ended",
  detail: z.strictObject({
    subject: z.string(),
    cause: z.string(),
    /** As it stood in `Finding Opened`. */
    since: timeMs,
    endedAt: timeMs,
  }),
} satisfies EventKind;
