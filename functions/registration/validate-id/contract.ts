import * as z from "zod/mini";
import { ec2InstanceId, generation, hex64, instanceId } from "../../../events/fields.ts";
import { refusalReason } from "../../../events/registration-refused.ts";
import { REGISTRATION_FLAGS } from "../../../protocol/index.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "validate-id",
  flow: "registration",
  does: "Looks at whether the ID exists and whose it is, and decides what the registration comes to.",
  input: z.object({
    id: instanceId,
    ec2InstanceId,
    flag: z.enum(REGISTRATION_FLAGS),
    publicKey: z.optional(hex64),
    /** With `rekey`: of the ticket that the instance was given. */
    generation: z.optional(generation),
    nonceDigest: z.optional(hex64),
  }),
  output: z.discriminatedUnion("decision", [
    /** Add the record, unless the EC2 instance's owner item has something against it. */
    z.strictObject({ decision: z.literal("ADD") }),
    /** Update the IP. */
    z.strictObject({ decision: z.literal("UPDATE") }),
    /** Agree the key of the rekey that stands. */
    z.strictObject({ decision: z.literal("REKEY") }),
    /** Answer false. Quietly where IDs just collided, else with an alert. */
    z.strictObject({ decision: z.literal("REFUSE"), reason: refusalReason, alert: z.boolean() }),
  ]),
  errors: [],
  neighbours: ["registry"],
  given: [],
  uses: { instanceTable: ["dynamodb:GetItem"] },
  timeoutSeconds: 5,
} as const satisfies StepContract;
