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
/**
 * What the kinds differ in. Of a database, the former user is shut in two strokes, with a choice and a wait between them, and its
 * manager's login is read; a former token is revoked. A function that asks a database makes its connections anew; an issuer and
 * what its tokens open are asked by one request each.
 */
const KINDS = {
  database: { statesAtTheEnd: 4, functionsAtTheEnd: 2, seconds: 2, secretCallsOfLook: 7, findingsOfLook: 7 },
  token: { statesAtTheEnd: 2, functionsAtTheEnd: 1, seconds: 1, secretCallsOfLook: 6, findingsOfLook: 8 },
};

type Kind = keyof typeof KINDS;

/** How often Secrets Manager calls `rotate`, and for how many seconds together that waits. */
const ROTATE = { calls: 4, seconds: 30 };
/** How many calls of Secrets Manager a function of the flow makes, and how many units it reads and writes of the record. */
const CALLS = { secrets: 4, reads: 3, writes: 3 };

/** One rotation, in which consumers take their time. */
function rotationOf(kind: Kind): Counts {
  const { statesAtTheEnd, functionsAtTheEnd, seconds } = KINDS[kind];
  const functions = functionsOn("credential", TURN_PATH) + ASKED.times + functionsAtTheEnd;
  return {
    secretCall: (functions + ROTATE.calls) * CALLS.secrets,
    stateTransition: TURN_PATH.length + ASKED.times * ASKED.states + statesAtTheEnd,
    lambdaRequest: functions + ROTATE.calls,
    lambdaGbSecond: (functions * seconds + ROTATE.seconds) * LAMBDA_GB,
    tableReadUnit: functions * CALLS.reads,
    tableWriteUnit: functions * CALLS.writes,
  };
}

/** What a look of the watch does more for each credential: its states and invocations are there without any, too. */
function lookAt(kind: Kind): Counts {
  const { seconds, secretCallsOfLook, findingsOfLook } = KINDS[kind];
  return {
    // Describing it twice, its policy, a manager's login, the value in force, and those of which there are proofs.
    secretCall: secretCallsOfLook,
    // The authority is asked over a network; what is told of it takes a few calls.
    lambdaGbSecond: (seconds + 0.3) * LAMBDA_GB,
    // Its record four times, and the findings that a look may end; consistently.
    tableReadUnit: 4 + findingsOfLook,
    // Who was seen when, in a record of up to 3 kB.
    tableWriteUnit: 3,
  };
}

interface Looks {
  /** How often the watch looks. */
  freshnessMinutes: number;
}

/** What one credential comes to in a month at the most, turned so many times. */
function monthOf(kind: Kind, turns: number, { freshnessMinutes }: Looks): Counts {
  const month: Counts = { secretMonth: 1 };
  const add = (counts: Counts, times: number) => {
    for (const [item, n] of Object.entries(counts) as [Item, number][]) month[item] = (month[item] ?? 0) + n * times;
  };
  add(rotationOf(kind), turns);
  add(lookAt(kind), (HOURS_A_MONTH * 60) / freshnessMinutes);
  return month;
}

/** What a database's credential costs in a month at the most, with one rotation, by what is paid for, as a Markdown table. */
export function credentialTable(looks: Looks): string {
  return table([["one credential", monthOf("database", 1, looks)]]);
}

/** The same of a token that is turned once a month, and of one that is turned every hour. */
export function tokenTable(looks: Looks): string {
  return table([
    ["turned once a month", monthOf("token", 1, looks)],
    ["turned every hour", monthOf("token", HOURS_A_MONTH, looks)],
  ]);
}

function table(columns: [title: string, month: Counts][]): string {
  const items = Object.keys(columns[0]?.[1] ?? {}) as Item[];
  const rows = items.map((item) => {
    const cells = columns.map(
      ([, { [item]: n = 0 }]) => `${Math.ceil(n).toLocaleString("en-US")} | ${money(n * PRICES[item])}`,
    );
    return `| ${WORDS[item]} | ${cells.join(" | ")} |`;
  });
  return [
    `| paid for | ${columns.map(([title]) => `${title} | a month`).join(" | ")} |`,
    `| --- |${" ---: | ---: |".repeat(columns.length)}`,
    ...rows,
    `| **together** |${columns.map(([, month]) => ` | **${money(dollars(month))}** |`).join("")}`,
  ].join("\n");
}
