import type { Finding } from "../../../functions/findings/finding.ts";
import { executionName } from "../../../functions/record/execution-name.ts";
import { isCount, isEc2InstanceId, isInstanceId, SAMPLES_KEPT_DAYS } from "../../../protocol/index.ts";
import { askedAtAGlance, detailsOf } from "../../audit/details.ts";
import { flowBehind } from "../../audit/flow-behind.ts";
import type { Context } from "../../context.ts";
import { misused } from "../../exits.ts";
import { demandAny, earlierThan, standingIn } from "../../life/document.ts";
import { entriesOf } from "../../life/entries.ts";
import { nowOf } from "../../life/now.ts";
import { type Account, executionArnIn, type Place } from "../../place/place.ts";
import { type Life, readLife } from "../../reads/life.ts";
import { storesOfSamples } from "../../reads/samples.ts";
import { isMoment } from "../../reads/well-formed.ts";
import { type Subject, subjectOf } from "../../subject.ts";
import type { Route } from "../server/routes.ts";
import {
  type LifeDocument,
  type LifeEntry,
  type LifeFinding,
  LONGEST_WINDOW_MS,
  MOST_SAMPLES,
  type SamplesDocument,
} from "../wire/life.ts";
import { standingRow } from "./standing.ts";

/** So many lines are shown at once, since they are read again and again; the view of the audit has all of them. */
export const MOST_LINES = 300;
/** What bears a later time than this shows a clock that is wrong, and is shown; what is further off would stretch the axis. */
const AHEAD_MS = 60_000;

/**
 * What one looks at of a single subject: all that is known of it, and of an instance its samples.
 *
 * @param account where it is, as AWS says
 */
export function lifeRoutes(context: Context, account: () => Promise<Account>): Route[] {
  let made: { of: Place; stores: ReturnType<typeof storesOfSamples> } | undefined;
  /** Once for a place: they are read each second. */
  const samplesOf = async () => {
    const { place: of, out } = context;
    if (made?.of !== of) made = { of, stores: storesOfSamples({ place: of, out }, await account()) };
    return made.stores;
  };
  return [
    {
      method: "GET",
      path: "/api/life/:subject",
      async answer({ params: { subject: typed = "" }, gone }) {
        const subject = subjectOf(typed);
        const stopped = AbortSignal.any([gone, context.stopped]);
        const [life, place] = await Promise.all([readLife(subject, { ...context, stopped }, MOST_LINES), account()]);
        demandAny(life, subject, context.place);
        const arnOf = (flow: string, name: string) => executionArnIn(context.place, place, flow, name);
        return lifeDocument(life, subject.kind, context.now(), { place: context.place, arnOf });
      },
    },
    {
      method: "GET",
      path: "/api/samples/:id",
      async answer({ params: { id = "" }, query }): Promise<SamplesDocument> {
        const window = windowOf(id, query, context.now());
        const read = await (await samplesOf()).read({ ...window, limit: MOST_SAMPLES });
        const samples = read.map(({ timeMs, generation }) => ({ at: timeMs, generation })).reverse();
        return { from: window.from, to: window.to, samples, isCut: read.length >= MOST_SAMPLES };
      },
    },
  ];
}

/**
 * Which samples are meant, by `host`, `from` and `to`. No more than a window is read: of a longer one its newer end.
 *
 * @throws Stopped (2) with a sentence where any of it has not its form
 */
function windowOf(id: string, query: URLSearchParams, now: number) {
  const ec2InstanceId = query.get("host") ?? "";
  if (!isInstanceId(id)) throw misused(`"${id}" is no instance's ID (6 lower-case hexadecimal characters).`);
  if (!isEc2InstanceId(ec2InstanceId))
    throw misused(`"${ec2InstanceId}" is no EC2 instance's ID (i-…): give it as host.`);
  const last = now + AHEAD_MS;
  const to = Math.min(momentIn(query, "to") ?? last, last);
  const from = Math.max(
    momentIn(query, "from") ?? 0,
    ...[to - LONGEST_WINDOW_MS, now - SAMPLES_KEPT_DAYS * 86_400_000],
  );
  if (from > to) throw misused(`The window ends before it begins: from ${from} to ${to}, in milliseconds since 1970.`);
  return { id, ec2InstanceId, from, to };
}

function momentIn(query: URLSearchParams, name: "from" | "to"): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw misused(`"${text}" is no moment in milliseconds since 1970, as ${name} takes it.`);
  return Number(text);
}

/** @param at where one looks, and the ARN of an execution of a flow there, by its name */
export function lifeDocument(
  life: Life,
  kind: Subject["kind"],
  now: number,
  at: { place: Pick<Place, "kind" | "data">; arnOf: (flow: string, name: string) => string },
): LifeDocument {
  const { subject, instance, otherIds, lines, findings } = life;
  const ofFindings = findings.map(({ execution }) => [executionName(execution), execution] as const);
  const ofLines = lines.flatMap((line) => {
    const details = detailsOf(line);
    const flow = flowBehind(line.subject, line.act, details);
    const { execution } = details;
    return flow === undefined || execution === undefined ? [] : [[execution, at.arnOf(flow, execution)] as const];
  });
  const arns = new Map([...ofLines, ...ofFindings]);
  return {
    ...{ readAt: now, subject, kind: instance === undefined ? kind : "instance" },
    ...(instance !== undefined && { instance }),
    ...{ otherIds, now: instance === undefined ? [...nowOf(life, now)] : [], earlierLines: earlierThan(life) },
    life: entriesOf(life).map((entry): LifeEntry => {
      const executionArn = arns.get(entry.execution ?? "");
      // A line that somebody has altered may bear what is no moment.
      const moment = isMoment(entry.at) ? entry.at : 0;
      const { asked } = entry;
      return {
        ...{ ...entry, at: moment },
        ...(asked !== undefined && { askedAtAGlance: askedAtAGlance(asked) }),
        ...(executionArn !== undefined && { executionArn }),
      };
    }),
    findings: findings.map(findingOf).sort((one, other) => one.since - other.since),
    turns: lines.flatMap((line) => {
      const generation = Number(detailsOf(line).generation);
      return PROMOTED.includes(line.act) && isCount(generation) && isMoment(line.timeMs)
        ? [{ at: line.timeMs, generation }]
        : [];
    }),
    stands: standingIn(life).map((finding) => standingRow({ finding, members: [] }, at.place)),
  };
}

const PROMOTED = ["promoted", "rekeyed", "brought-forward"];

function findingOf({ subject, cause, since, toldAt, endedAt }: Finding): LifeFinding {
  return {
    ...{ subject, cause, since },
    ...(toldAt !== undefined && { toldAt }),
    ...(endedAt !== undefined && { endedAt }),
  };
}
