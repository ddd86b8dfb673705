import * as z from "zod/mini";
import { generation, hex64 } from "../../events/fields.ts";
import { refusalReason } from "../../events/registration-refused.ts";
import { VERDICTS } from "../../protocol/index.ts";

/** What the registration flow comes to: the answers of the original exercise, `true` and `false` with a reason. */
export const registrationOutcome = z.discriminatedUnion("registered", [
  z.strictObject({
    registered: z.literal(true),
    generation,
    serverPublic: hex64,
    /** What was last found out about an instance that is known. */
    verdict: z.optional(z.enum(VERDICTS)),
  }),
  z.strictObject({ registered: z.literal(false), reason: refusalReason }),
]);
