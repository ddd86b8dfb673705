import { actOnEach } from "../acts/act-on-each.ts";
import { askFirst } from "../acts/ask-first.ts";
import { claimsOf, demandReason } from "../acts/claims.ts";
import { dryRun, whomOf } from "../acts/dry-run.ts";
import { handOf } from "../acts/hand.ts";
import { MEANINGS } from "../acts/meanings.ts";
import { demandIds, readMeant } from "../acts/meant.ts";
import { outcomeOf, resultOf } from "../acts/results.ts";
import { executionNameFor, start } from "../acts/start.ts";
import type { Run } from "../context.ts";

interface Options {
  reason?: string;
  dryRun?: true;
  yes?: true;
}

/** An act on one record at a time: an execution of the flow operate for each. */
function actOf(act: "quarantine" | "release" | "retire"): Run<Options> {
  return async ({ arguments: typed, options }, context) => {
    const ids = demandIds(typed);
    demandReason(options.reason);
    if (options.dryRun) return dryRun(act, await readMeant(ids, context));
    // What is retired never comes back.
    if (ids.length > 1 || act === "retire") await askFirst(`${act} ${whomOf(ids)}`, options, context);
    const hand = await handOf(context);
    const claims = claimsOf(hand.caller, options.reason);
    const results = await actOnEach(
      ids,
      {
        act,
        begin(id) {
          const name = executionNameFor(`${act}-${id}`, context.now());
          return start({ flow: "operate", name, input: { act, id, ...claims } }, hand);
        },
        conclude: (id, end) => resultOf(id, end, MEANINGS[act], `\`keyturn show ${id}\` shows what came of it.`),
      },
      hand,
    );
    return outcomeOf(act, results, context);
  };
}

export const quarantine = actOf("quarantine");
export const release = actOf("release");
export const retire = actOf("retire");
