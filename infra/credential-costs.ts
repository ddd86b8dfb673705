/** What a credential costs, beside the fleet: docs/costs.md holds the table. */

import { functionsOn, passed } from "./flow-paths.ts";
import { HOURS_A_MONTH } from "./network-costs.ts";
import { type Counts, dollars, type Item, LAMBDA_GB, money, PRICES, WORDS } from "./prices.ts";

/** The states from the start to the promotion. */
const TURN_PATH = passed("credential", {
  Stage: "ReadUses",
  Uses: "VerifyCredential",
  Verdict: "DeriveSuccessor",
  Promoted: "Turned",
});
/** How often it is asked at the most whether consumers have moved, and by which states: it waits, reads, and decides. */
const ASKED = { times: 15, states: 3 };
/** Then the former user is shut in two strokes, with a wait between them. */
const STATES_AT_THE_END = 3;
/** How often Secrets Manager calls `rotate`, and for how many seconds together that waits. */
const ROTATE = { calls: 4, seconds: 30 };
/** How long another function runs that asks databases: some seconds, where it makes its connections anew. */
const SECONDS = 2;
/** How many calls of Secrets Manager a function of the flow makes, and how many units it reads and writes of the record. */
const CALLS = { secrets: 4, reads: 3, writes: 3 };

const FUNCTIONS = functionsOn("credential", TURN_PATH) + ASKED.times + 2;

/** One rotation, in which consumers take their time. */
const ROTATION = {
  secretCall: (FUNCTIONS + ROTATE.calls) * CALLS.secrets,
  stateTransition: TURN_PATH.length + ASKED.times * ASKED.states + STATES_AT_THE_END,
  lambdaRequest: FUNCTIONS + ROTATE.calls,
  lambdaGbSecond: (FUNCTIONS * SECONDS + ROTATE.seconds) * LAMBDA_GB,
  tableReadUnit: FUNCTIONS * CALLS.reads,
  tableWriteUnit: FUNCTIONS * CALLS.writes,
} satisfies Counts;

/** What a look of the watch does more for each credential: its states and invocations are there without any, too. */
const WATCHED = {
  // Describing it twice, its policy, the manager's login, the value in force, and those of which there are proofs.
  secretCall: 7,
  // The database is asked over a network; what is told of it takes a few calls.
  lambdaGbSecond: (SECONDS + 0.3) * LAMBDA_GB,
  // Its record four times, and the seven findings that a look may end; consistently.
  tableReadUnit: 11,
  // Who was seen when, in a record of up to 3 kB.
  tableWriteUnit: 3,
} satisfies Counts;

/**
 * What one credential costs in a month at the most, with one rotation, by what is paid for, as a Markdown table.
 *
 * @param looks.freshnessMinutes how often the watch looks
 */
export function credentialTable({ freshnessMinutes }: { freshnessMinutes: number }): string {
  const looks = (HOURS_A_MONTH * 60) / freshnessMinutes;
  const month: Counts = { secretMonth: 1, ...ROTATION };
  for (const [item, n] of Object.entries(WATCHED) as [Item, number][]) month[item] = (month[item] ?? 0) + looks * n;
  const rows = (Object.entries(month) as [Item, number][]).map(
    ([item, n]) => `| ${WORDS[item]} | ${Math.ceil(n).toLocaleString("en-US")} | ${money(n * PRICES[item])} |`,
  );
  const total = `| **together** | | **${money(dollars(month))}** |`;
  return ["| paid for | one credential | a month |", "| --- | ---: | ---: |", ...rows, total].join("\n");
}
