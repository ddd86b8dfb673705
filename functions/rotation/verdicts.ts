import { VERDICTS, type Verdict } from "../../protocol/index.ts";

export { VERDICTS, type Verdict };

/** The verdicts after which a key is turned. */
export const TURNING = ["MATCH", "MATCH_PENDING", "CONFLICT"] as const satisfies Verdict[];

/** Verdicts that say that all is well. */
export const SOUND: readonly string[] = ["MATCH", "MATCH_PENDING"] satisfies Verdict[];
