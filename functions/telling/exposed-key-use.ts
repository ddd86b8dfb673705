import { FORMS } from "../../protocol/index.ts";
import { type Calls, MOST_PLACES, MOST_ROLES, type Use } from "../exposed-key/forms.ts";
import type { About } from "./commands.ts";
import { isRoleBeside, revokeSessions } from "./exposed-key-commands.ts";
import type { Line } from "./layout.ts";
import { utc } from "./time.ts";

/** How many names of calls, and how many roles, a mail names; the rest is counted. */
const MOST_NAMED = 20;
const LONGEST = 80;
const NEVER_KNOWN = [
  "reads and writes of data, such as objects in S3: CloudTrail's event history does not have them",
  "calls by sessions that were drawn with it, the user's or roles': CloudTrail has these under keys of their own (ASIA…)",
  "calls in other Regions than `exposedKeys.regions`, and earlier ones than `exposedKeys.lookBackHours` says",
  "calls of the last minutes: CloudTrail lags. A second look comes by itself, and a mail only if it finds more",
];

/**
 * What was done with a key: calls by name, those first that may have left something behind; the roles that were taken on with it;
 * and what could not be found out.
 *
 * @param use undefined where CloudTrail could not be read
 * @param look of the second one it is only what is new
 */
export function useParagraphs(use: Use | undefined, { execution }: About, look: "FIRST" | "SECOND"): Line[][] {
  if (use === undefined) return [unknownLines(undefined, look)];
  const named = use.calls.slice(0, MOST_NAMED);
  const [behind, others] = [named.filter(leftSomething), named.filter((one) => !leftSomething(one))];
  const rest = use.total - named.reduce((sum, { count }) => sum + count, 0);
  return [
    behind.length === 0 ? [] : ["These calls may have left something behind:", ...behind.map(rowOf)],
    others.length === 0 && rest <= 0
      ? []
      : [
          behind.length === 0 ? "Calls, of which none is known to leave anything behind:" : "Other calls:",
          ...others.map(rowOf),
          ...(rest > 0 ? [`  and ${counted(rest, "call")} of other names, which CloudTrail has`] : []),
        ],
    roleLines(use.roles, execution),
    unknownLines(use.unread, look),
  ];
}

/** What was done with a key in a few words, e.g. `60 calls; 2 kinds of calls may have left something behind; 1 role taken on`. */
export function summaryOf(use: Use | undefined): string {
  if (use === undefined) return "for what is not known: CloudTrail could not be read";
  const behind = use.calls.filter(leftSomething).length;
  const [kinds, roles] = [counted(behind, "kind"), counted(use.roles.length, "role")];
  return [
    counted(use.total, "call"),
    ...(behind > 0 ? [`${kinds} of calls may have left something behind`] : []),
    ...(use.roles.length > 0 ? [`${roles} taken on`] : []),
    ...(use.unread.length > 0 ? ["not all could be read"] : []),
  ].join("; ");
}

function counted(count: number, what: string): string {
  return `${count === 0 ? "no" : count} ${what}${count === 1 ? "" : "s"}`;
}

/** A call that was refused each time has left nothing. */
function leftSomething({ leaves, count, refused }: Calls): boolean {
  return leaves && refused < count;
}

/** E.g. `  iam:CreateUser: 2 times, 1 refused, from … to …, by 198.51.100.7, in us-east-1`. */
function rowOf({ name, count, first, last, refused, addresses, regions }: Calls): string {
  const often = count === 1 ? "once" : `${count} times`;
  const how = refused === 0 ? "" : refused === count ? ", refused" : `, ${refused} refused`;
  const when = first === last ? `at ${utc(first)}` : `from ${utc(first)} to ${utc(last)}`;
  const where = [
    addresses.length > 0 ? `, by ${some(addresses)}` : "",
    regions.length > 0 ? `, in ${some(regions)}` : "",
  ];
  return `  ${cut(name)}: ${often}${how}, ${when}${where.join("")}`;
}

function roleLines(roles: string[], execution: string): Line[] {
  if (roles.length === 0) return [];
  // Whoever takes on a role writes its ARN, which need not be one.
  const known = roles.filter((role) => FORMS.roleArn.test(role));
  // Those that can be revoked here first: the thief may take on as many of his own account as he likes.
  const ours = known.filter((role) => isRoleBeside(role, execution));
  const fit = [...ours, ...known.filter((role) => !ours.includes(role))];
  const named = fit.slice(0, MOST_NAMED);
  const rest = fit.length - named.length;
  const unfit = roles.length - fit.length;
  return [
    [
      "Roles",
      "were taken on with the key. Their sessions go on: what denies those of the user does not reach them. Revoke them,",
    ],
    ["", "by these commands; whoever else has such a role on has to take it on anew."],
    ...named.flatMap((role): Line[] => [
      `  ${role}`,
      isRoleBeside(role, execution)
        ? `    ${revokeSessions(role)}`
        : "    is another account's: tell whoever runs that",
    ]),
    ...(rest > 0
      ? [`  and ${rest} more${roles.length < MOST_ROLES ? "" : ", or still more"}, which CloudTrail has (AssumeRole)`]
      : []),
    ...(unfit > 0 ? [`  and ${unfit} whose name stands in no command; CloudTrail has it (AssumeRole)`] : []),
  ];
}

function unknownLines(unread: Use["unread"] | undefined, look: "FIRST" | "SECOND"): Line[] {
  const regions = unread
    ?.slice(0, MOST_NAMED)
    .map(({ region, why }) => `calls in ${cut(region)}, or some: ${cut(why)}`);
  const rest = (unread?.length ?? 0) - (regions?.length ?? 0);
  const all = [
    ...(regions ?? ["what was done with it: CloudTrail could not be read. Look yourself: section AccessKeyExposed"]),
    ...(rest > 0 ? [`calls in ${counted(rest, "more Region")}`] : []),
    ...(look === "FIRST" ? NEVER_KNOWN : []),
  ];
  return all.map((text, n): Line => [n === 0 ? "Not known" : "", text]);
}

/** Three of them, and how many there are beside, as far as they were kept. */
function some(names: string[]): string {
  const rest = names.length - 3;
  const more = names.length < MOST_PLACES ? `${rest} more` : "others";
  return `${names.slice(0, 3).map(cut).join(", ")}${rest > 0 ? ` and ${more}` : ""}`;
}

function cut(text: string): string {
  return text.slice(0, LONGEST);
}
