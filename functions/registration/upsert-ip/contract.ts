import * as z from "zod/mini";
import { ec2InstanceId, generation, hex64, instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";

const instance = { id: instanceId, ec2InstanceId, ip: z.string() };

export const contract = {
  name: "upsert-ip",
  flow: "registration",
  does: "Adds the instance with the first key that both sides agree on, or updates its IP, in one conditional write.",
  input: z.discriminatedUnion("flag", [
    z.strictObject({ ...instance, flag: z.literal("new"), publicKey: hex64 }),
    z.strictObject({ ...instance, flag: z.literal("update") }),
  ]),
  output: z.strictObject({ generation, serverPublic: hex64 }),
  errors: ["IdTaken", "NotOwner"],
  neighbours: ["registry", "vault", "bus"],
  given: ["now", "random", "rotateEveryMs", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    keyEncryptionKey: ["kms:Encrypt"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 5,
} as const satisfies StepContract;
