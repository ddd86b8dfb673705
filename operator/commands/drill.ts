import { claimsOf, demandReason } from "../acts/claims.ts";
import { waitFor } from "../acts/follow.ts";
import { handOf } from "../acts/hand.ts";
import { MEANINGS } from "../acts/meanings.ts";
import { outcomeOf, resultOf } from "../acts/results.ts";
import { executionNameFor, start } from "../acts/start.ts";
import type { Run } from "../context.ts";

export const run: Run<{ reason?: string }> = async ({ options }, context) => {
  demandReason(options.reason);
  const hand = await handOf(context);
  // The mail's subject names it.
  const name = executionNameFor("drill", context.now());
  const input = { act: "drill", ...claimsOf(hand.caller, options.reason) };
  const end = await waitFor(await start({ flow: "operate", name, input }, hand), hand);
  const result = resultOf(name, end, MEANINGS.drill, "Its mail says whether it was told.");
  return outcomeOf("drill", [result], context);
};
