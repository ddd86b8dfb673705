import * as z from "zod/mini";
import type { EventKind } from "./event.ts";

/** A rotation ended without a new key, and a person should know. */
export const rotationFailed = {
  detailType: "Rotation Failed",
  detail: z.strictObject({
    /** As the execution was given it; it may be malformed, which may be why it failed. */
    id: z.string(),
    /** The state that failed. */
    step: z.string(),
    /** The error's name, or the verdict. */
    reason: z.string(),
    execution: z.string(),
  }),
} satisfies EventKind;
