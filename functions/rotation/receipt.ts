import * as z from "zod/mini";
import { generation, hex64, instanceId } from "../../events/fields.ts";
import { HOOK_OUTCOMES, isHookName, MOST_HOOKS, type Receipt, UNKNOWN } from "../../protocol/index.ts";

/** What the instance answers: its proof of the new key, and what its hooks did; as it was read. */
export const receipt = z.object({
  id: instanceId,
  generation,
  proof: hex64,
  hooks: z
    .array(
      z.object({
        name: z.string().check(z.refine(isHookName, "must be a hook's name")),
        outcome: z.enum([...HOOK_OUTCOMES, UNKNOWN]),
      }),
    )
    .check(z.maxLength(MOST_HOOKS)),
}) satisfies z.ZodMiniType<Receipt>;
