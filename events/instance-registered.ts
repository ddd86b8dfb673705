import * as z from "zod/mini";
import { REGISTRATION_FLAGS } from "../protocol/index.ts";
import type { EventKind } from "./event.ts";
import { ec2InstanceId, generation, instanceId } from "./fields.ts";

/** An instance has registered: a new one, or a known one with its present IP. */
export const instanceRegistered = {
  detailType: "Instance Registered",
  detail: z.strictObject({
    id: instanceId,
    ec2InstanceId,
    ip: z.string(),
    flag: z.enum(REGISTRATION_FLAGS),
    generation,
  }),
} satisfies EventKind;
