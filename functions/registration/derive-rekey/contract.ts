import * as z from "zod/mini";
import { ec2InstanceId, generation, hex64, instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "derive-rekey",
  flow: "registration",
  does: "Derives the key that both sides agree on by a rekey that stands, and keeps it encrypted beside the others.",
  input: z.object({
    id: instanceId,
    ec2InstanceId,
    ip: z.string(),
    /** Of the ticket that the instance was given. */
    generation,
    nonceDigest: hex64,
    publicKey: hex64,
  }),
  output: z.object({ generation, serverPublic: hex64 }),
  errors: ["NoRekey", "RekeyTaken", "NotOwner", "Quarantined", "Retired"],
  neighbours: ["registry", "vault", "bus"],
  given: ["random", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    keyEncryptionKey: ["kms:Encrypt"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 5,
} as const satisfies StepContract;
