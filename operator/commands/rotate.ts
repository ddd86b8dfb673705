import { MOST_NAMED } from "../../functions/shared/meant.ts";
import { askFirst } from "../acts/ask-first.ts";
import { type Claims, claimsOf, demandReason } from "../acts/claims.ts";
import { dryRun, whomOf } from "../acts/dry-run.ts";
import { waitFor } from "../acts/follow.ts";
import { type Hand, handOf } from "../acts/hand.ts";
import { MEANINGS } from "../acts/meanings.ts";
import { demandTurnable, listTurnable, readMeant } from "../acts/meant.ts";
import { outcomeOf, type Result, resultOf, startedAs } from "../acts/results.ts";
import { runOverMany } from "../acts/run-over-many.ts";
import { executionNameFor, start } from "../acts/start.ts";
import { awaitTurn, requestTurn, watchRefusals } from "../acts/turn-secret.ts";
import type { Context, Outcome, Run } from "../context.ts";
import { RIGHTS } from "../contract.ts";
import { EXIT, misused, refused } from "../exits.ts";
import { failureOf } from "../failure.ts";
import { subjectOf } from "../subject.ts";
import type { Test } from "../where.ts";

interface Options {
  all?: true;
  where?: Test[];
  heal?: true;
  force?: true;
  reason?: string;
  wait?: true;
  dryRun?: true;
  yes?: true;
}

/** Who is meant: a credential, or instances. */
type Named = { secret: string } | { ids: string[] } | { all: true } | { where: Test[] };

export const run: Run<Options> = async ({ arguments: typed, options }, context) => {
  const named = namedBy(typed, options);
  demandReason(options.reason);
  return "secret" in named ? turnSecret(named.secret, options, context) : turnInstances(named, options, context);
};

/** @throws Stopped (2) where nobody is named, or by several ways at once */
function namedBy(typed: string[], { all, where, heal, force }: Options): Named {
  if ([typed.length > 0, all === true, where !== undefined].filter(Boolean).length !== 1) {
    throw misused("What is to be turned? Name IDs or one secret, or --all, or --where: one of these.");
  }
  const subjects = typed.map(subjectOf);
  const secrets = subjects.flatMap((one) => (one.kind === "secret" ? one.secret : []));
  const ids = subjects.flatMap((one) => (one.kind === "instance" ? one.id : []));
  if (secrets.length + ids.length < subjects.length) {
    throw misused("Instances are turned by their IDs, of 6 characters: `keyturn show` with what you know says which.");
  }
  const [secret] = secrets;
  if (secret !== undefined) {
    if (subjects.length > 1) throw misused("One secret is turned at a time, and no instances beside it.");
    return { secret };
  }
  if (heal || force) throw misused("--heal and --force are about a secret; of an instance there is `keyturn rekey`.");
  if (all) return { all };
  return where === undefined ? { ids: [...new Set(ids)] } : { where };
}

async function turnInstances(
  named: Exclude<Named, { secret: string }>,
  options: Options,
  context: Context,
): Promise<Outcome> {
  const tests = "where" in named ? named.where : [];
  const meant = "ids" in named ? await readMeant(named.ids, context) : await listTurnable(tests, context);
  const [one] = meant;
  // What is refused would not be done.
  if ("ids" in named && meant.length === 1 && one !== undefined) demandTurnable(one);
  if (options.dryRun) return dryRun("rotate", meant);
  if (one === undefined) throw refused("Nobody is meant, so nothing was done.");
  const ids = meant.map(({ id }) => id);
  if (!("ids" in named) || ids.length > 1) await askFirst(`rotate ${whomOf(ids)}`, options, context);
  const { wait = false, reason } = options;
  if (!("all" in named) && ids.length > MOST_NAMED && !wait) {
    throw misused(`${ids.length} instances are turned in runs of ${MOST_NAMED}, one after the other: say --wait.`);
  }
  const hand = await handOf(context);
  const claims = claimsOf(hand.caller, reason);
  const results =
    ids.length === 1
      ? [await turnOne(one.id, { claims, wait, hand })]
      : await turnMany(named, ids, { claims, wait, hand });
  return outcomeOf("rotate", results, context);
}

interface How {
  claims: Claims;
  wait: boolean;
  hand: Hand;
}

async function turnOne(id: string, { claims, wait, hand }: How): Promise<Result> {
  const name = executionNameFor(`rotate-${id}`, hand.now());
  const arn = await start({ flow: "rotation", name, input: { id, trigger: "keyturn", ...claims } }, hand);
  const follow = `\`keyturn show ${id}\` shows how it goes on.`;
  return wait ? resultOf(id, await waitFor(arn, hand), MEANINGS.rotate, follow) : startedAs(id, arn, follow);
}

/** One run over the fleet, or several one after the other, so that together they are no more than one to AWS. */
async function turnMany(named: object, ids: string[], { claims, wait, hand }: How): Promise<Result[]> {
  const results: Result[] = [];
  const inputs = "all" in named ? [{ all: true }] : chunks(ids).map((chunk) => ({ ids: chunk }));
  for (const input of inputs) {
    if (hand.stopped.aborted || results.some(({ code }) => code === EXIT.failed)) {
      const left = ids.length - results.length * MOST_NAMED;
      const code = hand.stopped.aborted ? EXIT.interrupted : EXIT.failed;
      const said = `${left} instances more were meant, and no run over them was started.`;
      return [...results, { subject: "the rest", outcome: "NOT_STARTED", code, said }];
    }
    try {
      results.push(
        await runOverMany({ flow: "fleet-rotation", act: "rotate", input: { ...input, ...claims } }, wait, hand),
      );
    } catch (error) {
      if (results.length === 0) throw error;
      // What was turned before is to be seen all the same.
      const { message } = failureOf(error, { command: "rotate", place: hand.place, policy: RIGHTS.rotate.policy });
      results.push({ subject: `run ${results.length + 1}`, outcome: "FAILED", code: EXIT.failed, said: message });
    }
  }
  return results;
}

function chunks(ids: string[]): string[][] {
  const count = Math.ceil(ids.length / MOST_NAMED);
  return Array.from({ length: count }, (_, i) => ids.slice(i * MOST_NAMED, (i + 1) * MOST_NAMED));
}

async function turnSecret(secret: string, options: Options, context: Context): Promise<Outcome> {
  const { heal, force, reason, wait = false } = options;
  if (options.dryRun) {
    const how = [force && "without waiting for its consumers", heal && "and mend what its database refuses"];
    const would = ["Would have", secret, "turned", ...how].filter(Boolean).join(" ");
    return {
      code: EXIT.done,
      document: { act: "rotate", dryRun: true, secret },
      print: (out) => out.line(`${would}. Nothing was done; \`keyturn show ${secret}\` shows who uses it.`),
    };
  }
  // Whoever still uses the former one is locked out.
  if (force) await askFirst(`rotate ${secret}, and lock out who has not moved`, options, context);
  const hand = await handOf(context);
  const refusals = await watchRefusals(secret, hand);
  const detail = { secret, ...(heal && { heal }), ...(force && { force }), ...claimsOf(hand.caller, reason) };
  const arn = await requestTurn(detail, hand);
  const follow = `\`keyturn show ${secret}\` shows how it goes on.`;
  const end = await awaitTurn(arn, refusals, hand, wait ? "over" : "begun");
  const isStarted = !wait && end.status === "RUNNING" && !hand.stopped.aborted;
  const result = isStarted ? startedAs(secret, arn, follow) : resultOf(secret, end, MEANINGS.secret, follow);
  return outcomeOf("rotate", [result], context);
}
