import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import { nameError } from "../../shared/name-error.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { printable } from "../../shared/printable.ts";
import { addUp, cut, NO_USE, useOf } from "../add-up.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Output = OutputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/** For how long one call of this step reads; a page, with the SDK's own retries, takes less than what is left of its time. */
const READS_MS = 80_000;
/** CloudTrail allows two look-ups a second in an account and Region. */
const BETWEEN_PAGES_MS = 500;
/** How often a page is asked for that CloudTrail does not give for now, and how long it is waited for at the most. */
const MOST_TRIES = 8;
const LONGEST_PAUSE_MS = 8000;
/**
 * How many names of calls are handed on to the next call of this step: more than any thief has been seen to use, and less than
 * a state may hold. What is beyond is counted.
 */
const MOST_HANDED_ON = 300;
/** For so many calls of this step there is time within the flow's, in both looks, and for so many keys at once. */
const ROUNDS_FOR_ALL = 80;
const KEYS_AT_ONCE = 5;

const WHY = 200;

/**
 * Reads what CloudTrail has of a key, one Region after the other, for as long as its own time allows; then it says where the
 * next call goes on. A Region that cannot be read is noted, and the others are read.
 */
export async function lookUpUse(input: Input, neighbours: Neighbours): Promise<Output> {
  const { accessKeyId, regions, from } = input;
  const { now, wait } = neighbours;
  const begun = now();
  const to = input.to ?? begun;
  const { rounds = 0, ...mark } = input.next ?? { region: 0 };
  let { region: at, page }: { region: number; page?: string | undefined } = mark;
  let use = input.use ?? NO_USE;

  for (let region = regions[at]; region !== undefined; region = regions[at]) {
    if (now() - begun >= READS_MS) {
      if (rounds + 1 < mostRounds(input)) {
        const next = { region: at, ...(page !== undefined && { page }), rounds: rounds + 1 };
        return { use: cut(use, MOST_HANDED_ON), to, next };
      }
      const why = "there is more than there was time for; of a Region, the latest calls are read first";
      use = regions.slice(at).reduce((sum, one) => addUp(sum, unread(one, why)), use);
      break;
    }
    const asked = { accessKeyId, region, from, to, ...(page !== undefined && { page }) };
    const read = await readPage(asked, begun + READS_MS, neighbours);
    if (read === "held back") continue;
    if ("why" in read) {
      use = addUp(use, unread(region, read.why));
      page = undefined;
    } else {
      use = addUp(use, useOf(read.events, region));
      page = read.next;
    }
    if (page === undefined) at += 1;
    else await wait(BETWEEN_PAGES_MS);
  }
  return { use: cut(use), to };
}

/** Asks for a page until it comes, or why it does not. What is only held back is waited for, while there is time. */
async function readPage(
  asked: Parameters<Neighbours["trail"]["calls"]>[0],
  until: number,
  { trail, now, wait, random }: Neighbours,
): Promise<Awaited<ReturnType<Neighbours["trail"]["calls"]>> | { why: string } | "held back"> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await trail.calls(asked);
    } catch (thrown) {
      const { name, message } = nameError(thrown);
      if (name !== TEMPORARILY_UNAVAILABLE || tries === MOST_TRIES) {
        return { why: printable(`${name}: ${message}`.slice(0, WHY)) };
      }
      if (now() >= until) return "held back";
      // Several keys are looked up at once, which must not ask in step.
      const [share = 0] = random(1);
      await wait(Math.round(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** tries) * (0.5 + share / 512)));
    }
  }
}

function unread(region: string, why: string) {
  return { ...NO_USE, unread: [{ region, why }] };
}

/** How often this step may be called for a key: the fewer keys there are, the more time each has. */
function mostRounds({ keys = KEYS_AT_ONCE * 20 }: Input): number {
  return Math.max(1, Math.floor(ROUNDS_FOR_ALL / Math.ceil(keys / KEYS_AT_ONCE)));
}
