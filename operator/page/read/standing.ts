import type { Finding } from "../../../functions/findings/finding.ts";
import { findingMail, nameOf } from "../../../functions/telling/finding-mail.ts";
import type { Row } from "../../findings-folded.ts";
import { standingDocument } from "../../life/document.ts";
import { keyturnFor } from "../../place/keyturn-for.ts";
import type { Place } from "../../place/place.ts";
import { isMoment } from "../../reads/well-formed.ts";
import { toldOf } from "../../what-to-type.ts";
import type { StandingRow } from "../wire/live.ts";

/** What stands, as its mail says it too; of a storm, with those that it stands of. @param place where it is typed what to do */
export function standingRow({ finding, members }: Row, place: Pick<Place, "kind" | "data">): StandingRow {
  const { since, seenAt, toldAt, times } = finding;
  const told = toldOf(members[0] ?? finding, members.length > 0);
  const { type, ...document } = standingDocument(finding, told);
  return {
    ...{ ...document, named: nameOf(finding), times },
    ...(type !== undefined && { type: typedAt(place, type) }),
    // As it was when people were told, or is to be: when it was noticed is no matter of who looks.
    mail: findingMail(finding, [toldAt, seenAt].find(isMoment) ?? since),
    members: members.map(({ subject: of, since: from }: Finding) => ({ subject: of, since: from })),
  };
}

/** A mail does not know where `npm start` keeps its data; whoever looks at the page of it shall not have to say it. */
function typedAt({ kind, data }: Pick<Place, "kind" | "data">, line: string): string {
  return kind === "here" ? line.replace(/^npx keyturn(?= )/, () => keyturnFor(data)) : line;
}
