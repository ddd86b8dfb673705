import { isoTime } from "../../events/fields.ts";
import { MOST_NAMED } from "../../functions/shared/meant.ts";
import { askFirst } from "../acts/ask-first.ts";
import { claimsOf, demandReason } from "../acts/claims.ts";
import { dryRun, whomOf } from "../acts/dry-run.ts";
import { waitFor } from "../acts/follow.ts";
import { type Hand, handOf } from "../acts/hand.ts";
import { MEANINGS } from "../acts/meanings.ts";
import { demandIds, demandRekeyable, listLive, listWithCause, readMeant } from "../acts/meant.ts";
import { outcomeOf, type Result, resultOf, startedAs } from "../acts/results.ts";
import { runOverMany } from "../acts/run-over-many.ts";
import { executionNameFor, start } from "../acts/start.ts";
import { demandCause } from "../causes.ts";
import type { Context, Run } from "../context.ts";
import { misused, refused } from "../exits.ts";
import type { Instance } from "../reads/instances.ts";

interface Options {
  cause?: string;
  all?: true;
  anew?: true;
  since?: string;
  reason?: string;
  wait?: true;
  dryRun?: true;
  yes?: true;
}

/** Who is meant, as the flow operate takes it: one, or many. */
type Named = { id: string } | { ids: string[] } | { cause: string } | { all: true };

export const run: Run<Options> = async ({ arguments: typed, options }, context) => {
  const named = namedBy(demandIds(typed), options);
  demandReason(options.reason);
  const meant = await listMeant(named, context);
  // What is refused would not be done.
  if ("id" in named) for (const one of meant) demandRekeyable(one, options.anew === true);
  if (options.dryRun) return dryRun("rekey", meant);
  if (meant.length === 0) throw refused("Nobody is meant, so nothing was done.");
  if (!("id" in named)) await askFirst(`rekey ${whomOf(meant.map(({ id }) => id))}`, options, context);
  const hand = await handOf(context);
  const { anew, since, reason, wait = false } = options;
  const how = { ...(anew && { anew }), ...(since !== undefined && { since }), ...claimsOf(hand.caller, reason) };
  const input = { act: "rekey", ...named, ...how };
  const result =
    "id" in named
      ? await rekeyOne(named.id, { input, wait, hand })
      : await runOverMany({ flow: "operate", act: "rekey", input }, wait, hand);
  return outcomeOf("rekey", [result], context);
};

/** @throws Stopped (2) where nobody is named, or by several ways at once */
function namedBy(ids: string[], { cause, all, since }: Options): Named {
  if ([ids.length > 0, cause !== undefined, all === true].filter(Boolean).length !== 1) {
    throw misused("Who is to be rekeyed? Name IDs, or --cause, or --all: one of these.");
  }
  if (since !== undefined && !isoTime.safeParse(since).success) {
    throw misused(`"${since}" is no moment: say it as 2026-11-26T03:00:00Z, as the mail does.`);
  }
  if (all) return { all };
  if (cause !== undefined) {
    demandCause(cause, []);
    return { cause };
  }
  if (ids.length > MOST_NAMED) throw misused(`At most ${MOST_NAMED} IDs are rekeyed at once; --all takes everybody.`);
  const [id = ""] = ids;
  if (ids.length > 1) return { ids };
  if (since !== undefined) throw misused("--since goes on with a rekey of many, and is left out of one.");
  return { id };
}

async function listMeant(named: Named, context: Context): Promise<Instance[]> {
  if ("id" in named) return readMeant([named.id], context);
  if ("ids" in named) return readMeant(named.ids, context);
  return "cause" in named ? listWithCause(named.cause, context) : listLive(context);
}

async function rekeyOne(
  id: string,
  { input, wait, hand }: { input: object; wait: boolean; hand: Hand },
): Promise<Result> {
  const arn = await start({ flow: "operate", name: executionNameFor(`rekey-${id}`, hand.now()), input }, hand);
  const follow = `\`keyturn show ${id}\` shows how it goes on.`;
  return wait ? resultOf(id, await waitFor(arn, hand), MEANINGS.rekey, follow) : startedAs(id, arn, follow);
}
