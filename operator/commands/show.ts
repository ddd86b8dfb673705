import type { Finding } from "../../functions/findings/finding.ts";
import { consoleLink } from "../../functions/telling/console-link.ts";
import { runbook } from "../../functions/telling/finding-mail.ts";
import { utc } from "../../functions/telling/time.ts";
import { askedAtAGlance, whenOf } from "../audit/details.ts";
import type { Run } from "../context.ts";
import { EXIT } from "../exits.ts";
import { demandAny, earlierThan, standingDocument, standingIn } from "../life/document.ts";
import { type Entry, entriesOf } from "../life/entries.ts";
import { type Labelled, nowOf } from "../life/now.ts";
import { counted } from "../output/count.ts";
import type { Output } from "../output/output.ts";
import { readLife } from "../reads/life.ts";
import { subjectOf } from "../subject.ts";
import { toldOf } from "../what-to-type.ts";

export const run: Run = async ({ arguments: [typed = ""] }, context) => {
  const subject = subjectOf(typed);
  const life = await readLife(subject, context);
  demandAny(life, subject, context.place);
  const { subject: name, instance, otherIds, credential } = life;
  const entries = entriesOf(life);
  const standing = standingIn(life);
  const earlier = earlierThan(life);
  const now = context.now();
  return {
    code: EXIT.done,
    document: {
      subject: name,
      ...(instance && { instance }),
      ...(credential && { credential }),
      ...{
        otherIds,
        earlierLines: earlier,
        life: entries,
        stands: standing.map((finding) => standingDocument(finding)),
      },
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
