import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { secretName, secretVersion } from "./fields.ts";

/** A consumer has not moved to a credential's current version within the quiet time: something has to restart it. */
export const credentialConsumerBehind = {
  detailType: "Credential Consumer Behind",
  detail: z.strictObject({
    secret: secretName,
    /** The version to which it has to move. */
    versionId: secretVersion,
    consumer: z.string(),
    /** The instance on which it was seen, where that is known. */
    ec2InstanceId: z.optional(z.string()),
    /** The ARN of the role as which it proves its uses, where it runs on no instance. */
    role: z.optional(z.string()),
    /** From where the authority saw it, where it did. */
    address: z.optional(z.string()),
    execution: z.string(),
  }),
} satisfies EventKind;
