import { isIP } from "node:net";
import * as z from "zod/mini";
import { hex64, instanceId } from "../../events/fields.ts";

/** What an agent sends. `publicKey` is the X25519 key of a new instance, 64 hexadecimal characters. */
const body = {
  id: instanceId,
  ip: z.string().check(z.refine((text) => isIP(text) !== 0, "must be an IPv4 or IPv6 address")),
};

export const registrationBody = z.discriminatedUnion(
  "flag",
  [
    z.strictObject({ ...body, flag: z.literal("new"), publicKey: hex64 }),
    z.strictObject({ ...body, flag: z.literal("update") }),
  ],
  { error: 'must be "new" or "update"' },
);
