import * as z from "zod/mini";
import { agentVersion, ec2InstanceId, generation, hex64, instanceId } from "../../../events/fields.ts";
import { VERDICTS } from "../../../protocol/index.ts";
import type { StepContract } from "../../shared/contract.ts";

const instance = { id: instanceId, ec2InstanceId, ip: z.string(), agentVersion: z.optional(agentVersion) };

export const contract = {
  name: "upsert-ip",
  flow: "registration",
  does: "Adds the instance, as its EC2 instance's owner item has it, with the first key that both sides agree on, or updates its IP; and notes the agent's version.",
  input: z.discriminatedUnion("flag", [
    z.object({ ...instance, flag: z.literal("new"), publicKey: hex64 }),
    z.object({ ...instance, flag: z.literal("update") }),
  ]),
  output: z.object({ generation, serverPublic: hex64, verdict: z.optional(z.enum(VERDICTS)) }),
  errors: ["IdTaken", "NotOwner", "Quarantined", "Retired", "TooManyIds"],
  neighbours: ["registry", "vault", "bus"],
  given: ["now", "random", "intervalMs", "rotateEveryMs", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    instanceIndexes: ["dynamodb:Query"],
    keyEncryptionKey: ["kms:Encrypt"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 5,
} as const satisfies StepContract;
