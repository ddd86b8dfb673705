import type { Finding } from "../../../functions/findings/finding.ts";
import { consoleLink } from "../../../functions/telling/console-link.ts";
import { findingMail, nameOf } from "../../../functions/telling/finding-mail.ts";
import type { StandingRow } from "../../../operator/page/wire/live.ts";
import { toldOf } from "../../../operator/what-to-type.ts";
import { arnOf, DATABASE, FOUND, HOUR, hostOf, idOf, MINUTE, SECOND, STALE, TAMPERED } from "./names.ts";

type Told = Pick<Finding, "subject" | "cause" | "since" | "execution" | "facts">;

/** A finding as the page has it, in the words in which people are told of it. */
export function standingRow(given: Told, members: StandingRow["members"] = []): StandingRow {
  const { subject, cause, since, execution } = given;
  const finding: Finding = { ...given, seenAt: since, times: 3, version: 1 };
  const { type, or, ...told } = toldOf(finding, members.length > 0);
  const toldAt = since + 2 * SECOND;
  return {
    ...{ subject, named: nameOf(finding), cause, since, times: 3, toldAt, ...told, execution },
    ...{ link: consoleLink(execution), mail: findingMail(finding, toldAt), members },
    ...(type !== undefined && { type }),
    ...(or !== undefined && { or }),
  };
}

/** That a key was tampered with. */
export function tampered(now: number): StandingRow {
  return standingRow({
    ...{ subject: TAMPERED, cause: "MISMATCH", since: now - 9 * MINUTE, execution: FOUND },
    facts: { ec2InstanceId: hostOf(0), generation: 1, keySince: now - HOUR, lastProofAt: now - 10 * MINUTE },
  });
}

/** What stands: a tampered key, a storm of instances that are silent, and a credential that one has not moved to. */
export function standingOf(now: number): StandingRow[] {
  const since = now - 21 * MINUTE;
  const watch = arnOf("watch", "a1f0c1de-0000-4000-8000-000000000001");
  return [
    standingRow(
      { subject: "fleet", cause: "STALE", since, execution: watch, facts: {} },
      STALE.map((subject, at) => ({ subject, since: since + at * SECOND })),
    ),
    standingRow({
      ...{ subject: DATABASE, cause: "ConsumersBehind", since: now - 12 * MINUTE },
      execution: arnOf("credential", "prod-orders-db-0f9e8d7c-0000-4000-8000-00000000aa01-1"),
      facts: {
        behind: [
          { consumer: "report-nightly", id: idOf(9), address: "10.0.0.13", why: "USES_FORMER", lastAt: now - MINUTE },
        ],
      },
    }),
    tampered(now),
  ];
}

/** Many that stand beside each other: of each hundredth part a cause, the names as long as they come. */
export function manyStanding(count: number, now: number): StandingRow[] {
  const causes = ["MISMATCH", "CONFLICT", "InstanceUnreachable", "PushUnanswered", "KeyTooOld"];
  return Array.from({ length: count }, (_, at) =>
    standingRow({
      ...{ subject: idOf(20 + at), cause: causes[at % causes.length] ?? "", since: now - (count - at) * MINUTE },
      ...{
        execution: arnOf("rotation", `${idOf(20 + at)}-due-1795831200-7f3a`),
        facts: { ec2InstanceId: hostOf(20 + at), said: "TargetNotConnected: ".repeat(8) },
      },
    }),
  );
}
