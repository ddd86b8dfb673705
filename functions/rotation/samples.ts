import * as z from "zod/mini";
import { timeMs } from "../../events/fields.ts";

/** How many samples are read at the most, so that a flood of them does not outgrow an execution's 256 KiB. */
export const MOST_SAMPLES = 200;

/** Samples as they pass from state to state. They are no secret: only who holds the key can check them. */
export const samples = z.array(z.object({ timeMs, generation: z.int(), hash: z.string() }));
