/** What Keyturn costs, from what it calls: docs/costs.md holds the tables that this prints. */

import { alarmMetricsOf, ownMetricsOf } from "./alarms.ts";
import { credentialTable, tokenTable } from "./credential-costs.ts";
import { exposedKeysTable } from "./exposed-key-costs.ts";
import { functionsOn, passed } from "./flow-paths.ts";
import { HOURS_A_MONTH, networkTable } from "./network-costs.ts";
import { type Counts, dollars, type Item, LAMBDA_GB, money, PRICES, WORDS } from "./prices.ts";

const LAMBDA_SECONDS = 0.1;
const DAYS_A_MONTH = HOURS_A_MONTH / 24;

/** The states that a rotation passes when all is well. */
export const ROTATION_PATH = passed("rotation", { Verdict: "DeriveSuccessor" });

/** The states that a rekey passes when all is well: of the flow that is started, and of the rotation that this starts. */
export const REKEY_PATHS = {
  operate: passed("operate", { Act: "Rekey", Opened: "TurnKey" }),
  rotation: passed("rotation", { ValidateId: "ValidateRekey" }),
};

/** The states that a run over the fleet passes when nothing is due. */
const IDLE_RUN_PATH = passed("fleet-rotation", { AnyDue: "Summarize", Stopped: "Finished" });

/** The functions that a rotation invokes: those of its states, and end-push. */
const ROTATION_FUNCTIONS = functionsOn("rotation", ROTATION_PATH) + 1;
const IDLE_RUN_FUNCTIONS = functionsOn("fleet-rotation", IDLE_RUN_PATH);

/** What calls the control plane makes to turn one key, from the start of its execution on. */
export const ROTATION_CALLS = [
  "states:StartExecution",
  "dynamodb:GetItem", // validate
  "timestream:Query", // read
  "dynamodb:GetItem", // verify
  "kms:Decrypt",
  "dynamodb:GetItem", // derive
  "kms:Decrypt",
  "kms:GenerateMac",
  "kms:Encrypt",
  "dynamodb:UpdateItem",
  "dynamodb:UpdateItem", // push
  "dynamodb:PutItem", // its ticket
  "ssm:SendCommand",
  "ssm:GetCommandInvocation", // its end
  "dynamodb:GetItem",
  "states:SendTaskSuccess",
  "dynamodb:UpdateItem", // promote
  "dynamodb:PutItem", // its audit line
  "dynamodb:UpdateItem", // that it is put
  "events:PutEvents",
];

/**
 * What DynamoDB counts of a rotation's writes, in units of 1 kB: a test computes it from items of the sizes that AWS
 * makes. The indexes hold keys alone, so only the promotion, which says when the key is due next, writes into one of the
 * records', where it takes an entry away and puts another; and the audit line into that of the days.
 */
export const ROTATION_WRITES = {
  // With a second key in it, a record is longer than 1 kB; with the task token beside the one before, longer than 2 kB.
  setPending: 2,
  ticket: 1,
  setPush: 3,
  promote: 3 + 2,
  auditLine: 1 + 1,
  noteAudited: 2,
};

const callsOf = (pattern: RegExp) => ROTATION_CALLS.filter((call) => pattern.test(call)).length;

/** One key turned by the run over the fleet. SSM's calls are free. */
export const ROTATION: Counts = {
  // Besides its own: that the run's child starts, and its one state.
  stateTransition: ROTATION_PATH.length + 2,
  lambdaRequest: ROTATION_FUNCTIONS,
  lambdaGbSecond: ROTATION_FUNCTIONS * LAMBDA_SECONDS * LAMBDA_GB,
  // Consistent reads of the record, the newest samples, and the ticket that the instance fetches.
  tableReadUnit: callsOf(/^dynamodb:GetItem$/) + 2,
  tableWriteUnit: Object.values(ROTATION_WRITES).reduce((sum, units) => sum + units, 0),
  kmsCall: callsOf(/^kms:/),
  event: callsOf(/^events:/),
  // The histories of the execution, and a line or two of each function.
  logGb: 60 / 1e6,
};

/** One instance proving its key each minute for a month, into DynamoDB. */
const PROVING: Counts = { tableWriteUnit: HOURS_A_MONTH * 60 };

/** How often the watch looks, and judges the proofs of each instance, as shipped in cdk.json. */
export const LOOKS = { freshnessMinutes: 5, proofMinutes: 60 };
/** How many records look-at-records takes at once, and how many hosts look-at-hosts. */
export const LOOK_PAGE = 2000;
const HOSTS_PAGE = 10_000;
/** The states of a look at one page; each further page of records or of hosts passes two of them again. */
const LOOK_PATH = passed("watch", {
  Begin: "LookAtRecords",
  MoreRecords: "LookAtHosts",
  MoreHosts: "ReadCredentials",
  Complete: "Looked",
});
const STATES_A_PAGE = 2;
/** How many functions run once in a look: all but those of the pages. */
const LOOK_ENDS = functionsOn("watch", LOOK_PATH) - 2;
/**
 * How long the functions run for a thousand records, a thousand hosts, and at the end. A thousand records are so many signed
 * calls, of which the SDK needs about half a millisecond of a processor each, and 512 MB have 0.29 of one. What credentials
 * take at the end is counted with them.
 */
const LOOK_SECONDS = { records: 4, hosts: 3, end: 0.4 };

/** How long a head is in a seal, which is written once a day, and which each look reads to see that yesterday is sealed. */
const HEAD_BYTES = 100;

/**
 * What DynamoDB counts of the watch for one instance: a test computes it from items of the sizes that AWS makes. `scanned` is
 * in bytes, since a Scan counts all that it passes together; the others are units.
 */
export const WATCH_UNITS = {
  // Each look: its record and its host's item beside it, read by a Scan; and the newest of its samples.
  scanned: 1000,
  newest: 0.5,
  // As often as proofs are judged: the samples of the window, and the verdict written into the record.
  samples: 1,
  judged: 1,
  // About as often: whether its host has a record.
  hosts: 2,
};
/** How much longer than from one look to the next a host has its turn, so that it falls not between two looks. */
const TURN_MINUTES_MORE = 1.25;

/**
 * What the watch does in a month while all is well.
 *
 * @param size how many instances
 */
export function watching(size: number, { freshnessMinutes, proofMinutes } = LOOKS): Counts {
  const looks = (HOURS_A_MONTH * 60) / freshnessMinutes;
  const proofs = (size * HOURS_A_MONTH * 60) / proofMinutes;
  const [pages, hostPages] = [LOOK_PAGE, HOSTS_PAGE].map((page) => Math.max(1, Math.ceil(size / page))) as [
    number,
    number,
  ];
  const { scanned, newest, samples, judged, hosts } = WATCH_UNITS;
  return {
    stateTransition: looks * (LOOK_PATH.length + STATES_A_PAGE * (pages - 1 + hostPages - 1)),
    lambdaRequest: looks * (pages + hostPages + LOOK_ENDS),
    lambdaGbSecond:
      looks * LAMBDA_GB * ((size / 1000) * (LOOK_SECONDS.records + LOOK_SECONDS.hosts) + LOOK_SECONDS.end),
    tableReadUnit:
      // Eventually consistent ones count half. At the end: the last seal, what is open, when it was mailed last, the schedule.
      looks * (size * (scanned / 4096 / 2 + newest + HEAD_BYTES / 4096) + 5) +
      proofs * (samples + hosts * (1 + TURN_MINUTES_MORE / freshnessMinutes)) +
      // Each instance's newest line, for the day's seal.
      DAYS_A_MONTH * size,
    // The first time after a rotation it is one more, for what the executions waited for.
    tableWriteUnit: proofs * judged + DAYS_A_MONTH * size + (DAYS_A_MONTH * size * HEAD_BYTES) / 1024,
    kmsCall: proofs,
    // The history of each page.
    logGb: (looks * (pages + hostPages) * 6) / 1e6,
  };
}

/** What is paid whatever the size of the fleet: keys, alarms, figures, and a run each quarter of an hour. */
const RUNS = HOURS_A_MONTH * 4;
const STANDING: Counts = {
  kmsKeyMonth: 3,
  alarmMonth: alarmMetricsOf(["fleet"]),
  metricMonth: ownMetricsOf(["fleet"]),
  dashboardMonth: 1,
  stateTransition: RUNS * IDLE_RUN_PATH.length,
  lambdaRequest: RUNS * IDLE_RUN_FUNCTIONS,
  lambdaGbSecond: RUNS * IDLE_RUN_FUNCTIONS * LAMBDA_SECONDS * LAMBDA_GB,
  tableReadUnit: RUNS * 2,
};

/** What one rotation costs, by what is paid for, as a Markdown table. */
export function rotationTable(): string {
  const rows = (Object.entries(ROTATION) as [Item, number][]).map(
    ([item, n]) => `| ${WORDS[item]} | ${Number(n.toPrecision(3))} | $${(n * PRICES[item] * 1000).toFixed(4)} |`,
  );
  const total = `| **together** | | **$${dollars(ROTATION, 1000).toFixed(4)}** |`;
  return ["| paid for | in one rotation | for 1,000 rotations |", "| --- | ---: | ---: |", ...rows, total].join("\n");
}

/** What the watch costs in a month for fleets of these sizes, by what is paid for, as a Markdown table. */
export function watchTable(sizes = [10_000, 100_000]): string {
  const months = sizes.map((size) => watching(size));
  const items = Object.keys(months[0] ?? {}) as Item[];
  const millions = (n: number) => (n / 1e6).toLocaleString("en-US", { maximumSignificantDigits: 3 });
  const rows = items.map((item) => {
    const cells = months.flatMap(({ [item]: n = 0 }) => [
      item === "logGb" ? n.toFixed(1) : `${millions(n)} M`,
      money(n * PRICES[item]),
    ]);
    return `| ${WORDS[item]} | ${cells.join(" | ")} |`;
  });
  const total = months.map((month) => `| | **${money(dollars(month))}** `);
  return [
    `| paid for | ${sizes.map((size) => `${size.toLocaleString("en-US")} instances | a month`).join(" | ")} |`,
    `| --- |${" ---: | ---: |".repeat(sizes.length)}`,
    ...rows,
    `| **together** ${total.join("")}|`,
  ].join("\n");
}

/** What the watch costs in a month where it looks and judges otherwise than as shipped, as a Markdown table. */
export function looksTable(sizes = [10_000, 100_000]): string {
  const { freshnessMinutes, proofMinutes } = LOOKS;
  const rows = [freshnessMinutes, 2 * freshnessMinutes].flatMap((freshness) =>
    [proofMinutes, 2 * proofMinutes].map((proof) => {
      const looks = { freshnessMinutes: freshness, proofMinutes: proof };
      const cells = sizes.map((size) => money(dollars(watching(size, looks))));
      return `| ${freshness} | ${proof} | ${cells.join(" | ")} |`;
    }),
  );
  return [
    `| \`watch.freshnessMinutes\` | \`watch.proofMinutes\` | ${sizes.map((size) => `${size.toLocaleString("en-US")} instances`).join(" | ")} |`,
    `| ---: | ---: |${" ---: |".repeat(sizes.length)}`,
    ...rows,
  ].join("\n");
}

/** What a month costs for fleets of these sizes, with a rotation a day, as a Markdown table. */
export function monthTable(sizes = [100, 10_000, 100_000]): string {
  const rows = sizes.map((size) => {
    const parts = [dollars(ROTATION, 30 * size), dollars(PROVING, size), dollars(watching(size)), dollars(STANDING)];
    const together = parts.reduce((sum, part) => sum + part, 0);
    const cells = [...parts, together, size * PRICES.secretMonth].map(money);
    return `| ${size.toLocaleString("en-US")} | ${cells.join(" | ")} |`;
  });
  return [
    "| instances | rotations | proofs | the watch | whatever the size | Keyturn together | a Secrets Manager secret each |",
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}

if (import.meta.main) {
  const tables = [
    rotationTable(),
    watchTable(),
    looksTable(),
    monthTable(),
    credentialTable(LOOKS),
    tokenTable(LOOKS),
    networkTable(),
    exposedKeysTable(watching(0)),
  ];
  console.log(tables.join("\n\n"));
}
