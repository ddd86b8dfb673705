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
/** How often it is looked at the most whether consumers have moved, and the states of a look: it waits, reads, and decides. */
const LOOKS = 15;
const STATES_A_LOOK = 3;
/** Then the former user is shut in two strokes, with a wait between them. */
const STATES_AT_THE_END = 3;
/** How often Secrets Manager calls `rotate`, and for how many seconds together that waits. */
const ROTATE = { calls: 4, seconds: 30 };
/** How long another function runs that asks databases: some seconds, where it makes its connections anew. */
const SECONDS = 2;
/** How many calls of Secrets Manager a function makes, its own parts included. */
const SECRET_CALLS = 4;

const FUNCTIONS = functionsOn("credential", TURN_PATH) + LOOKS + 2;

/** One rotation in a month, in which consumers take their time, and a look of the watch each hour. */
const CREDENTIAL_MONTH = {
  secretMonth: 1,
  secretCall: (FUNCTIONS + ROTATE.calls + HOURS_A_MONTH) * SECRET_CALLS,
  stateTransition: TURN_PATH.length + LOOKS * STATES_A_LOOK + STATES_AT_THE_END,
  lambdaRequest: FUNCTIONS + ROTATE.calls + HOURS_A_MONTH,
  lambdaGbSecond: ((FUNCTIONS + HOURS_A_MONTH) * SECONDS + ROTATE.seconds) * LAMBDA_GB,
} satisfies Counts;

/** What one credential costs in a month at the most, by what is paid for, as a Markdown table. */
export function credentialTable(): string {
  const rows = (Object.entries(CREDENTIAL_MONTH) as [Item, number][]).map(
    ([item, n]) => `| ${WORDS[item]} | ${Math.ceil(n).toLocaleString("en-US")} | ${money(n * PRICES[item])} |`,
  );
  const total = `| **together** | | **${money(dollars(CREDENTIAL_MONTH))}** |`;
  return ["| paid for | one credential | a month |", "| --- | ---: | ---: |", ...rows, total].join("\n");
}
