import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { ec2InstanceId, generation, instanceId } from "./fields.ts";

/** What an instance writes does not prove the key that it should hold. */
export const mismatchFound = {
  detailType: "Mismatch Found",
  detail: z.strictObject({
    id: instanceId,
    ec2InstanceId,
    generation,
    verdict: z.enum(["MISMATCH", "CONFLICT"]),
    execution: z.string(),
  }),
} satisfies EventKind;
