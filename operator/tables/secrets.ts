import type { BehindFact } from "../../functions/findings/finding.ts";
import { isToBeLookedAt, type LookedAtCredential } from "../credential-state.ts";
import type { Cell, Column } from "../output/output.ts";
import { ago, span } from "../output/time.ts";

export const SECRET_COLUMNS: Column[] = [
  { title: "SECRET" },
  { title: "CURRENT" },
  { title: "SINCE" },
  { title: "FORMER" },
  { title: "BEHIND", spare: true },
  { title: "VERSION", spare: true },
  { title: "BY EXECUTION", spare: true },
  { title: "WHAT STANDS", runsOver: true },
];

/** A row a credential: whom its current version is of, whether the one before it is shut, and who has not moved. */
export function secretRow(looked: LookedAtCredential, now: number): Cell[] {
  const { credential, behind } = looked;
  const { name, current, predecessor } = credential;
  const words = wordsOfCredential(looked, now);
  return [
    name,
    current?.user ?? "-",
    ago(current?.since, now),
    predecessor === undefined ? "-" : `${predecessor.user}, ${formerOf(predecessor.shutAt, now)}`,
    namesOf(behind),
    current?.versionId ?? "-",
    current?.execution ?? "-",
    words.length === 0 ? "" : { text: words.join(", "), style: isToBeLookedAt(looked) ? "red" : "yellow" },
  ];
}

function formerOf(shutAt: number | undefined, now: number): string {
  return shutAt === undefined ? "let in" : `shut ${ago(shutAt, now)}`;
}

export function wordsOfCredential({ credential, findings }: LookedAtCredential, now: number): string[] {
  const { current, failing } = credential;
  const ends = current?.life?.to;
  return [
    ...new Set(findings.map(({ cause }) => cause)),
    ...(failing === undefined ? [] : [`failing ${span(now - failing.since)} (${failing.what})`]),
    ...(current === undefined ? ["never turned"] : []),
    ...(ends === undefined ? [] : [ends > now ? `good for ${span(ends - now)}` : `ended ${ago(ends, now)}`]),
  ];
}

const MOST_NAMED = 3;

/** E.g. `web at 10.0.3.17, job (i-0123456789abcdef0), and 4 more`. */
function namesOf(behind: readonly BehindFact[]): string {
  if (behind.length === 0) return "-";
  const named = behind.slice(0, MOST_NAMED).map(({ consumer, address, id, ec2InstanceId, role }) => {
    const name = consumer === "" ? "one who gives no name" : consumer;
    const place = id ?? ec2InstanceId ?? role;
    return `${name}${address === undefined ? "" : ` at ${address}`}${place === undefined ? "" : ` (${place})`}`;
  });
  const rest = behind.length - named.length;
  return [...named, ...(rest === 0 ? [] : [`and ${rest} more`])].join(", ");
}
