import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { accessKeyId } from "./fields.ts";

/** A detector of somebody's own has found an access key where it must not be: it is shut, as if AWS had said so. */
export const accessKeyExposed = {
  detailType: "Access Key Exposed",
  detail: z.strictObject({
    /** The key's ID (`AKIA…`), which is no secret; never its secret key. */
    accessKeyId,
    /** Who says so and where it was found, for the audit trail. */
    requestedBy: z.optional(z.string().check(z.maxLength(100))),
    reason: z.optional(z.string().check(z.maxLength(200))),
  }),
} satisfies EventKind;
