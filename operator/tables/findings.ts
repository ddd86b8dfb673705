import type { Finding } from "../../functions/findings/finding.ts";
import { aboutOf } from "../../functions/telling/finding-mail.ts";
import type { Row } from "../findings-folded.ts";
import { counted } from "../output/count.ts";
import type { Cell, Column } from "../output/output.ts";
import { ago, moment } from "../output/time.ts";
import { toldOf } from "../what-to-type.ts";

/** @param withEnded whether some of those shown have ended */
export function findingColumns(withEnded: boolean): Column[] {
  return [
    { title: "SUBJECT" },
    { title: "CAUSE" },
    { title: "SINCE" },
    ...(withEnded ? [{ title: "ENDED" }] : []),
    { title: "WHAT", spare: true },
    { title: "BESIDE", spare: true },
    { title: "TIMES", align: "right", spare: true },
    { title: "MAILED", spare: true },
    { title: "TYPE", runsOver: true },
  ];
}

/** A row a finding, as its mail says it too. */
export function findingRow(row: Row, now: number, withEnded: boolean): Cell[] {
  const { finding, members } = row;
  const { subject, cause, since, times, endedAt } = finding;
  const { title, type } = toldOf(members[0] ?? finding, members.length > 0);
  return [
    subject,
    { text: cause, style: endedAt === undefined ? "red" : "green" },
    moment(since),
    ...(withEnded ? [moment(endedAt)] : []),
    title,
    members.length === 0 ? besideOf(finding) : counted(members.length, "subject"),
    String(times),
    mailedOf(finding, now),
    type ?? "-",
  ];
}

/** The other name of what it is about: the host of an instance, the instance of a host, the user of an access key. */
function besideOf(finding: Finding): string {
  const { id, ec2InstanceId, user } = aboutOf(finding);
  return [id, ec2InstanceId, user].find((one) => one !== undefined && one !== finding.subject) ?? "-";
}

function mailedOf({ toldAt, ofStorm }: Finding, now: number): string {
  if (ofStorm) return "with its storm";
  return toldAt === undefined ? "not yet" : ago(toldAt, now);
}
