import * as z from "zod/mini";
import { timeMs } from "../../events/fields.ts";

/** Samples as they pass from state to state. They are no secret: only who holds the key can check them. */
export const samples = z.array(z.object({ timeMs, generation: z.int(), hash: z.string() }));
