import { type Finding, FLEET } from "../findings/finding.ts";
import { isStorm } from "../findings/storm.ts";
import { adviceFor } from "./advice.ts";
import { listFindings, reportBy } from "./commands.ts";
import { briefOf } from "./exposed-key.ts";
import { aboutOf, nameOf, runbook } from "./finding-mail.ts";
import { type Line, layout } from "./layout.ts";
import { utc } from "./time.ts";
import { IN_THE_PROJECT, typedLines } from "./typed.ts";

/** How many subjects a mail names one by one under each heading; the rest is counted. */
const MOST_LISTED = 50;

/** The one mail about a storm: many subjects, one cause. */
export function stormMail(storm: Finding, members: Finding[]): { subject: string; text: string } {
  const { cause, execution, since } = storm;
  const text = layout(
    [
      [
        ["What", `${cause}: ${adviceFor(cause, kindOf(members)).title}, and another, ${members.length} by now`],
        ["Since", utc(since)],
        ["It means", "What befell so many within ten minutes is mostly something that they share."],
      ],
      ...adviceOn([storm, ...members]),
      listed("Seen so far", members, ({ since: at }) => `since ${utc(at)}`),
      typedLines("List them", listFindings({ execution })),
    ],
    execution,
    [
      "You get this once for all who came at once. While it stands, a mail a day gathers what is still wrong.",
      IN_THE_PROJECT,
    ],
  );
  return { subject: `Keyturn: ${cause} on ${members.length} at once`, text };
}

/**
 * The mail that gathers, once a day, what still stands and what has ended; once a week, also when all is well.
 *
 * @param look ARN of the execution that sends it, and the last seal over the audit
 */
export function gatheredMail(
  { standing, ended }: { standing: Finding[]; ended: Finding[] },
  { execution, seal }: { execution: string; seal?: { day: string; digest: string } | undefined },
): { subject: string; text: string } {
  const causes = [...new Set(standing.map(({ cause }) => cause))];
  const text = layout(
    [
      standing.length === 0 ? ["Nothing is wrong that Keyturn knows of."] : [],
      listed(
        "Still standing",
        standing,
        ({ since, times, facts: { isRefused, goodUntil } }) =>
          `since ${utc(since)}${times > 1 ? `, ${times} times` : ""}${isRefused || goodUntil === undefined ? "" : `; its token ends ${utc(goodUntil)}`}`,
      ),
      listed("Ended", ended, ({ since, endedAt = 0 }) => `from ${utc(since)} to ${utc(endedAt)}`),
      ...causes.flatMap((cause) => adviceOn(standing.filter((one) => one.cause === cause))),
      standing.length === 0 ? [] : typedLines("List them", listFindings({ execution })),
      seal === undefined ? [] : sealLines(seal, execution),
    ],
    execution,
    [
      "This comes once a day while there is something to say, and once a week when there is not.",
      ...(standing.length === 0 && seal === undefined ? [] : [IN_THE_PROJECT]),
    ],
  );
  const [only] = standing;
  const about =
    only === undefined
      ? "all is well"
      : standing.length === 1
        ? `${only.cause} on ${nameOf(only)} still stands`
        : `${standing.length} findings still stand: ${causes.join(", ")}`;
  return { subject: `Keyturn: ${about}`, text };
}

/** What makes the audit worth something: whoever alters it later cannot alter this mail. */
function sealLines(seal: { day: string; digest: string }, execution: string): Line[] {
  return [
    ["Seal", `${seal.digest}, of ${seal.day}`],
    ["", "Keep this mail: with it, each audit line until then can be checked. See docs/audit.md."],
    ["Check them", reportBy(seal, execution)],
  ];
}

/**
 * What to do about one cause: a paragraph for tokens and one for all others, where it stands of both.
 *
 * @param findings of that cause, one at the least
 */
function adviceOn(findings: Finding[]): Line[][] {
  const tokens = findings.filter(({ facts }) => facts.kind === "token");
  const others = findings.filter((one) => !tokens.includes(one));
  // A storm of tokens alone stands of nothing else.
  if (tokens.length > 0 && others.every(({ subject }) => subject === FLEET)) return [adviceLines(findings)];
  return [tokens, others].filter((some) => some.length > 0).map(adviceLines);
}

function adviceLines(findings: Finding[]): Line[] {
  const cause = findings[0]?.cause ?? "";
  const { means, todo, section } = adviceFor(cause, kindOf(findings));
  return [
    cause,
    ["  It means", means],
    ["  To do", todo],
    ["  Runbook", runbook(section)],
    ...typedFor(cause, findings),
  ];
}

/** Of what kind all of them are, but for a storm itself. */
function kindOf(findings: Finding[]): Finding["facts"]["kind"] {
  const members = findings.filter(({ subject }) => subject !== FLEET);
  return members.length > 0 && members.every(({ facts }) => facts.kind === "token") ? "token" : undefined;
}

/** One command for all where there is such and it stands of many; else that of the first. */
function typedFor(cause: string, findings: Finding[]): Line[] {
  const { command, commandForAll } = adviceFor(cause, kindOf(findings));
  const [first] = findings;
  if (first === undefined) return [];
  if (commandForAll && (findings.length > 1 || isStorm(first))) return typedLines("  For all", commandForAll(first));
  const example = findings.find(({ subject }) => subject !== FLEET) ?? first;
  return typedLines("  Type", command?.(aboutOf(example)));
}

function listed(heading: string, findings: Finding[], when: (finding: Finding) => string): Line[] {
  if (findings.length === 0) return [];
  // Those that people may not know of yet come first.
  const newest = findings.toSorted((one, other) => other.since - one.since);
  const named = newest.slice(0, MOST_LISTED).map((one) => `  ${one.cause} on ${nameOf(one)}: ${when(one)}${more(one)}`);
  const rest = findings.length - named.length;
  return [`${heading}:`, ...named, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

/** Of an exposed key, what a mail of its own would say first. */
function more({ cause, facts: { exposed } }: Finding): string {
  const brief = exposed && briefOf(cause, exposed);
  return brief === undefined ? "" : `; ${brief}`;
}
