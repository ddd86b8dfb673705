import { type Finding, stands } from "../../functions/findings/finding.ts";
import { consoleLink } from "../../functions/telling/console-link.ts";
import { runbook } from "../../functions/telling/finding-mail.ts";
import { utc } from "../../functions/telling/time.ts";
import { askedAtAGlance, whenOf } from "../audit/details.ts";
import type { Context, Run } from "../context.ts";
import { EXIT, refused } from "../exits.ts";
import { type Entry, entriesOf } from "../life/entries.ts";
import { type Labelled, nowOf } from "../life/now.ts";
import { counted } from "../output/count.ts";
import type { Output } from "../output/output.ts";
import { type Life, readLife } from "../reads/life.ts";
import { type Subject, subjectOf } from "../subject.ts";
import { toldOf } from "../what-to-type.ts";

export const run: Run = async ({ arguments: [typed = ""] }, context) => {
  const subject = subjectOf(typed);
  const life = await readLife(subject, context);
  if (isNothing(life)) throw refused(nothingOf(subject, context));
  const { subject: name, instance, otherIds, credential, lines, findings } = life;
  const entries = entriesOf(life);
  const standing = findings.filter(stands).sort((one, other) => one.since - other.since);
  const earlier = Math.max(0, (lines[0]?.n ?? 1) - 1);
  const now = context.now();
  return {
    code: EXIT.done,
    document: {
      subject: name,
      ...(instance && { instance }),
      ...(credential && { credential }),
      ...{ otherIds, earlierLines: earlier, life: entries, stands: standing.map((one) => documentOf(one)) },
    },
    print(out) {
      printLabelled(nowOf(life, now), out);
      out.line();
      if (earlier > 0)
        out.line(`${counted(earlier, "audit line")} before these: \`keyturn audit ${name}\` shows all of them.`);
      printEntries(entries, out);
      out.line();
      if (standing.length === 0) out.line("Nothing stands.");
      for (const finding of standing) printStanding(finding, out);
    },
  };
};

function isNothing({ instance, credential, lines, findings }: Life): boolean {
  return instance === undefined && credential === undefined && lines.length === 0 && findings.length === 0;
}

/** Where else one may look. */
const LISTS: Record<Subject["kind"], string> = {
  instance: "`keyturn fleet --all` lists all instances",
  host: "`keyturn fleet --all` lists all instances with their hosts; a host whose agent has never registered is none of them",
  secret:
    "`keyturn secrets` lists all credentials, `keyturn fleet --all` all instances, by IDs of 6 lower-case hexadecimal characters",
  "access-key": "of a key that nobody has said to be exposed there is nothing; `keyturn findings` lists what stands",
};

function nothingOf(subject: Subject, { place }: Context): string {
  const { kind, ...named } = subject;
  const [name] = Object.values(named);
  return `There is nothing of ${name} ${place.said}: ${LISTS[kind]}.`;
}

function documentOf(finding: Finding) {
  const { subject, cause, since, toldAt, execution, facts } = finding;
  const told = toldOf(finding);
  return {
    ...{ subject, cause, since, ...(toldAt !== undefined && { toldAt }), ...(facts.said && { said: facts.said }) },
    ...{ ...told, execution, link: consoleLink(execution) },
  };
}

function printLabelled(lines: readonly Labelled[], out: Output): void {
  const width = Math.max(...lines.map(([label]) => label.length)) + 2;
  for (const [label, text] of lines) out.line(label.padEnd(width), text);
}

function printEntries(entries: readonly Entry[], out: Output): void {
  out.table(
    [...["WHEN", "WHAT", "IN SHORT", "WHO ASKED"].map((title) => ({ title })), { title: "EXECUTION", spare: true }],
    entries.map(({ at, what, says, asked, execution }) => [
      whenOf(at),
      what,
      says,
      askedAtAGlance(asked),
      execution ?? "-",
    ]),
  );
}

/** What stands, as its mail says it. */
function printStanding(finding: Finding, out: Output): void {
  const { subject, cause, since, toldAt, facts, execution } = finding;
  const { title, means, todo, section, type, or } = toldOf(finding);
  const mailed = toldAt === undefined ? "" : `, mailed ${utc(toldAt)}`;
  out.line({ text: `${cause} on ${subject}`, style: "red" }, `: ${title}, since ${utc(since)}${mailed}`);
  printLabelled(
    [
      ["  It means", means],
      ...(facts.said ? [["  Cause", facts.said] as const] : []),
      ["  To do", todo],
      ["  Runbook", runbook(section)],
      ...(type === undefined ? [] : [["  Type", type] as const]),
      ...(or === undefined ? [] : [["  Or", or] as const]),
      ["  Found by", execution],
      ["", consoleLink(execution)],
    ],
    out,
  );
}
