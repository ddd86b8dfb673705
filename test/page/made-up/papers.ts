import type { AuditDocument, AuditLineRow } from "../../../operator/page/wire/audit.ts";
import type { MailDocument, MailsDocument } from "../../../operator/page/wire/mails.ts";
import { arnOf, DAY, digestOf, MINUTE, SECOND } from "./names.ts";
import { standingOf } from "./standing.ts";

/** A subject's audit lines, the newest first, and what a check of them has come to. */
export function auditOf(
  subject: string,
  now: number,
  { count, holds }: { count: number; holds: boolean },
): AuditDocument {
  const lines = Array.from({ length: count }, (_, at): AuditLineRow => {
    const n = count - at;
    const execution = `${subject.replace(/\W/g, "-")}-due-${1_795_831_200 - at * 86_400}-7f3a`;
    return {
      ...{ n, at: now - at * DAY, act: n === 1 ? "registered" : "promoted", says: `generation ${n}, MATCH` },
      ...{ asked: "schedule, by rotation", execution },
      ...(n > 1 && { arn: arnOf("rotation", execution) }),
    };
  });
  const isSealed = count > 1;
  return {
    ...{ subject, readAt: now, lines, sealedTo: isSealed ? count - 1 : 0, seals: isSealed ? count : 0, known: 0 },
    ...(isSealed && { sealed: { day: new Date(now - DAY).toISOString().slice(0, 10), digest: digestOf(7) } }),
    faults: holds
      ? []
      : [
          {
            ...{ what: "LINE_CHANGED", subject, n: Math.max(1, count - 2) },
            says: `Line ${Math.max(1, count - 2)} of ${subject} is not what was put.`,
            means: "somebody has altered this line after it was put, or a part of the table was restored",
          },
        ],
  };
}

/** The mails about what stands, again and again where there are many. */
export function mailsOf(count: number, now: number): { list: MailsDocument; mails: MailDocument[] } {
  const standing = standingOf(now);
  const mails = Array.from({ length: count }, (_, at): MailDocument => {
    const { mail } = standing[at % standing.length] ?? { mail: { subject: "", text: "" } };
    return {
      ...{ number: count - at, receivedAt: now - at * MINUTE - 3 * SECOND, ...mail },
      ...{ from: "keyturn@localhost", to: "you@localhost" },
    };
  });
  return {
    mails,
    list: { mails: mails.map(({ number, receivedAt, subject }) => ({ number, receivedAt, subject })), earlier: 0 },
  };
}
