import { type Finding, stands } from "../../functions/findings/finding.ts";
import { consoleLink } from "../../functions/telling/console-link.ts";
import { refused } from "../exits.ts";
import type { Place } from "../place/place.ts";
import type { Life } from "../reads/life.ts";
import type { Subject } from "../subject.ts";
import { toldOf } from "../what-to-type.ts";

/** @throws Stopped (3), which says where else one may look, where nothing at all is known of whom one asks for */
export function demandAny(life: Life, subject: Subject, place: Pick<Place, "said">): void {
  const { instance, credential, lines, findings } = life;
  if (instance !== undefined || credential !== undefined || lines.length > 0 || findings.length > 0) return;
  const { kind, ...named } = subject;
  const [name] = Object.values(named);
  throw refused(`There is nothing of ${name} ${place.said}: ${LISTS[kind]}.`);
}

/** Where else one may look. */
const LISTS: Record<Subject["kind"], string> = {
  instance: "`keyturn fleet --all` lists all instances",
  host: "`keyturn fleet --all` lists all instances with their hosts; a host whose agent has never registered is none of them",
  secret:
    "`keyturn secrets` lists all credentials, `keyturn fleet --all` all instances, by IDs of 6 lower-case hexadecimal characters",
  "access-key": "of a key that nobody has said to be exposed there is nothing; `keyturn findings` lists what stands",
};

/** What stands, the oldest first. */
export function standingIn({ findings }: Pick<Life, "findings">): Finding[] {
  return findings.filter(stands).sort((one, other) => one.since - other.since);
}

/** How many audit lines there are before those that were read. */
export function earlierThan({ lines }: Pick<Life, "lines">): number {
  return Math.max(0, (lines[0]?.n ?? 1) - 1);
}

/** What stands, as its mail says it too. @param told where it stands of many, what is told of those */
export function standingDocument(finding: Finding, told = toldOf(finding)) {
  const { subject, cause, since, toldAt, execution, facts } = finding;
  const { type, or, ...advice } = told;
  return {
    ...{ subject, cause, since, ...(toldAt !== undefined && { toldAt }), ...(facts.said && { said: facts.said }) },
    ...{ ...advice, ...(type !== undefined && { type }), ...(or !== undefined && { or }) },
    ...{ execution, link: consoleLink(execution) },
  };
}
