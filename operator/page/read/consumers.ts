import type { Sighting } from "../../../functions/credential/record.ts";
import type { BehindFact } from "../../../functions/findings/finding.ts";
import { whyBehind } from "../../../functions/telling/behind.ts";
import { type LookedAtCredential, placeOf } from "../../credential-state.ts";
import type { ConsumerRow } from "../wire/live.ts";

/**
 * Whoever uses a credential, or is to: a line for each consumer and place, with its newest sighting; those that are behind first,
 * then by name. Of whom the settings name, and who was never seen, there is a line, too.
 */
export function consumersOf({ credential, behind }: LookedAtCredential): ConsumerRow[] {
  const { sightings, lookedFor, current, predecessor } = credential;
  const seen = [...newestOf(sightings).values()].map((sighting): Seen => {
    const isNew = current !== undefined && sighting.user === current.user && sighting.at >= current.since;
    return { sighting, row: rowOf(sighting, isNew) };
  });
  const rows = seen.map(({ row }) => row);
  for (const fact of behind) {
    const meant = meantBy(fact, seen, predecessor?.user);
    if (meant.length === 0) rows.push({ ...placed(fact), hasMoved: false, behind: whyBehind(fact) });
    for (const { row } of meant) {
      row.behind = whyBehind(fact);
      row.hasMoved = false;
      row.from = [...new Set([...placesOf(fact), ...row.from])];
    }
  }
  const named = new Set(rows.map(({ consumer }) => consumer));
  for (const consumer of Object.keys(lookedFor ?? {}))
    if (!named.has(consumer)) rows.push({ consumer, from: [], hasMoved: false });
  return rows.sort(inOrder);
}

interface Seen {
  sighting: Sighting;
  row: ConsumerRow;
}

/** By place, the newest of its sightings. */
function newestOf(sightings: readonly Sighting[]): Map<string, Sighting> {
  const newest = new Map<string, Sighting>();
  for (const one of sightings) {
    const before = newest.get(placeOf(one));
    if (before === undefined || before.at < one.at) newest.set(placeOf(one), one);
  }
  return newest;
}

/**
 * Whom a fact is about: who was seen at its place; where it has none, as of a consumer that was not seen on the current version at
 * all, every one of that name on the former, or else of that name.
 */
function meantBy(fact: BehindFact, seen: readonly Seen[], former: string | undefined): Seen[] {
  if (placesOf(fact).length > 0) return seen.filter(({ sighting }) => placeOf(sighting) === placeOf(fact));
  const called = seen.filter(({ sighting }) => sighting.consumer === fact.consumer);
  const onFormer = called.filter(({ sighting }) => sighting.user === former);
  return onFormer.length > 0 ? onFormer : called;
}

function rowOf(sighting: Sighting, hasMoved: boolean): ConsumerRow {
  const { user, at, by } = sighting;
  return { ...placed(sighting), user, at, by, hasMoved };
}

function placed(one: Omit<BehindFact, "why">) {
  return { consumer: one.consumer, from: placesOf(one) };
}

function placesOf({ id, ec2InstanceId, role, address }: Omit<BehindFact, "why">): string[] {
  return [id, ec2InstanceId, role, address].filter((one) => one !== undefined);
}

function inOrder(one: ConsumerRow, other: ConsumerRow): number {
  const late = Number(other.behind !== undefined) - Number(one.behind !== undefined);
  if (late !== 0) return late;
  if (one.consumer !== other.consumer) return one.consumer < other.consumer ? -1 : 1;
  return (one.from[0] ?? "") < (other.from[0] ?? "") ? -1 : 1;
}
