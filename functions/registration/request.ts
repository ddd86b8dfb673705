import { isIP } from "node:net";
import * as z from "zod/mini";
import { agentVersion, generation, hex64, instanceId } from "../../events/fields.ts";
import { isUsablePublicKey, REGISTRATION_FLAGS, type RegistrationRequest } from "../../protocol/index.ts";

const AN_IP = "must be an IPv4 or IPv6 address";

const publicKey = hex64.check(z.refine(isUsablePublicKey, "must not be a low-order point"));

/**
 * What an agent sends. A field that is not known is passed over: the agent may be of a later version. One that is known has
 * its form, also where it is not needed; but no agent is kept from registering by the version that it says. `publicKey` is the X25519 key of a new instance, 64 hexadecimal characters.
 */
const body = {
  id: instanceId,
  ip: z.string(AN_IP).check(z.refine((text) => isIP(text) !== 0 && !text.includes("%"), AN_IP)),
  agentVersion: z.catch(z.optional(agentVersion), undefined),
};

export const registrationBody = z.discriminatedUnion(
  "flag",
  [
    z.object({ ...body, flag: z.literal("new"), publicKey }),
    z.object({ ...body, flag: z.literal("update"), publicKey: z.exactOptional(publicKey) }),
    z.object({ ...body, flag: z.literal("rekey"), publicKey, generation, nonce: hex64 }),
  ],
  {
    error: ({ input }) =>
      isObject(input) ? `must be ${REGISTRATION_FLAGS.map((flag) => `"${flag}"`).join(" or ")}` : "must be an object",
  },
) satisfies z.ZodMiniType<RegistrationRequest>;

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
