import * as z from "zod/mini";
import { REFUSALS, REGISTRATION_FLAGS } from "../protocol/index.ts";
import type { EventKind } from "./event.ts";
import { ec2InstanceId, instanceId } from "./fields.ts";

/** Why a registration is refused. */
export const refusalReason = z.enum(REFUSALS);

/** An instance asked for an ID that is not its own, or may not register. */
export const registrationRefused = {
  detailType: "Registration Refused",
  detail: z.strictObject({
    id: instanceId,
    /** The instance that asked, as AWS authenticated it. */
    ec2InstanceId,
    flag: z.enum(REGISTRATION_FLAGS),
    reason: refusalReason,
  }),
} satisfies EventKind;
