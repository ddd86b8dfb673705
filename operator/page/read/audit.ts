import type { AuditLine } from "../../../protocol/index.ts";
import { checkSubject } from "../../audit/check-subject.ts";
import { askedAtAGlance, askedOf, detailsOf, outcomeOf } from "../../audit/details.ts";
import { flowBehind } from "../../audit/flow-behind.ts";
import type { Context } from "../../context.ts";
import { type Account, executionArnIn } from "../../place/place.ts";
import { readSeal } from "../../read-day.ts";
import { isMoment } from "../../reads/well-formed.ts";
import type { Route } from "../server/routes.ts";
import type { AuditDocument, AuditLineRow } from "../wire/audit.ts";

/** The lines of a subject, checked as `keyturn audit` checks them. It reads all seals: it is asked for by a person, and not again and again. */
export function auditRoutes(
  context: Pick<Context, "place" | "out" | "now" | "stopped">,
  account: () => Promise<Account>,
): Route[] {
  return [
    {
      method: "GET",
      path: "/api/audit/:subject",
      async answer({ params: { subject = "" }, query, gone }): Promise<AuditDocument> {
        const known = query.getAll("seal").map(readSeal);
        const stopped = AbortSignal.any([context.stopped, gone]);
        const checked = await checkSubject(subject, known, { ...context, stopped });
        const { lines, sealedTo, verdict } = checked;
        const { faults, seals, sealed } = verdict;
        const where = await account();
        const arnOf = (flow: string, name: string) => executionArnIn(context.place, where, flow, name);
        return {
          ...{ subject, readAt: context.now(), sealedTo, faults, seals, known: known.length },
          lines: lines.map((line) => lineRow(line, arnOf)).reverse(),
          ...(sealed !== undefined && { sealed }),
        };
      },
    },
  ];
}

function lineRow(line: AuditLine, arnOf: (flow: string, name: string) => string): AuditLineRow {
  const details = detailsOf(line);
  const { execution } = details;
  const asked = askedOf(details);
  const flow = flowBehind(line.subject, line.act, details);
  return {
    ...{ n: line.n, act: line.act, says: outcomeOf(details) },
    ...(isMoment(line.timeMs) && { at: line.timeMs }),
    ...(asked !== undefined && { asked: askedAtAGlance(asked) }),
    ...(execution !== undefined && { execution }),
    ...(execution !== undefined && flow !== undefined && { arn: arnOf(flow, execution) }),
  };
}
