import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { instanceId } from "./fields.ts";

/** Somebody asks that one instance's key be turned now. Starts the rotation flow. */
export const rotationRequested = {
  detailType: "Rotation Requested",
  detail: z.strictObject({
    id: instanceId,
    /** Who asks, for the audit trail. */
    requestedBy: z.optional(z.string().check(z.maxLength(100))),
  }),
} satisfies EventKind;
