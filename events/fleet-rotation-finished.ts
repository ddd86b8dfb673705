import * as z from "zod/mini";
import type { EventKind } from "./event.ts";

/** A run over the fleet is over: how its rotations ended. */
export const fleetRotationFinished = {
  detailType: "Fleet Rotation Finished",
  detail: z.strictObject({
    /** Instances whose rotation was started. */
    due: z.int(),
    /** Of these: turned, not turned without alarm (waiting, superseded), failed. */
    turned: z.int(),
    skipped: z.int(),
    failed: z.int(),
    /** Whether more failed than is tolerated, so that the rest was not started. */
    stopped: z.boolean(),
    execution: z.string(),
  }),
} satisfies EventKind;
