import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { ec2InstanceId, generation, instanceId } from "./fields.ts";

/** An instance has proved its new key, and the record has promoted it. */
export const keyRotated = {
  detailType: "Key Rotated",
  detail: z.strictObject({
    id: instanceId,
    ec2InstanceId,
    generation,
    execution: z.string(),
    /** Where it was rekeyed: this key follows from none before. */
    rekey: z.optional(z.literal(true)),
  }),
} satisfies EventKind;
