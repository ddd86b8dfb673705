import type { Finding } from "../../../functions/findings/finding.ts";
import { consoleLink } from "../../../functions/telling/console-link.ts";
import { findingMail, nameOf } from "../../../functions/telling/finding-mail.ts";
import type { Row } from "../../findings-folded.ts";
import { isMoment } from "../../reads/well-formed.ts";
import { toldOf } from "../../what-to-type.ts";
import type { StandingRow } from "../wire/live.ts";

/** What stands, as its mail says it too; of a storm, with those that it stands of. */
export function standingRow({ finding, members }: Row): StandingRow {
  const { subject, cause, since, seenAt, toldAt, times, execution, facts } = finding;
  const { type, or, ...told } = toldOf(members[0] ?? finding, members.length > 0);
  return {
    ...{ subject, named: nameOf(finding), cause, since, times, ...told, execution, link: consoleLink(execution) },
    ...(toldAt !== undefined && { toldAt }),
    ...(type !== undefined && { type }),
    ...(or !== undefined && { or }),
    ...(facts.said && { said: facts.said }),
    // As it was when people were told, or is to be: when it was noticed is no matter of who looks.
    mail: findingMail(finding, [toldAt, seenAt].find(isMoment) ?? since),
    members: members.map(({ subject: of, since: from }: Finding) => ({ subject: of, since: from })),
  };
}
