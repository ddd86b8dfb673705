import type { CredentialSettings } from "../shared/credential-settings.ts";
import type { Sighting } from "./record.ts";

/** How many a record keeps at the most, apart from the named consumers' own. */
export const MOST_SIGHTINGS = 200;

const A_DAY_MS = 24 * 3600 * 1000;

/** For how long something seen is of any use, in milliseconds: until the deadline, or a day, and the quiet time after it. */
export function keptForMs({
  quietSeconds,
  deadlineSeconds,
}: Pick<CredentialSettings, "quietSeconds" | "deadlineSeconds">): number {
  return Math.max(deadlineSeconds * 1000, quietSeconds * 1000, A_DAY_MS) + quietSeconds * 1000;
}

/** The last sighting of each consumer with each user, at each address or instance, or with each role; newest first. */
export function lastSightings(...seen: (readonly Sighting[])[]): Sighting[] {
  const last = new Map<string, Sighting>();
  for (const one of seen.flat()) {
    const key = keyOf(one);
    if ((last.get(key)?.at ?? -1) < one.at) last.set(key, one);
  }
  return [...last]
    .sort(([key, one], [otherKey, other]) => other.at - one.at || (key < otherKey ? -1 : 1))
    .map(([, one]) => one);
}

/**
 * What of it a record keeps, newest first. Whoever may log in may call himself this and that: what is seen of others never
 * drives out the last sightings of the consumers that are named, nor what is seen with the user in force that with the former.
 *
 * @param sightings as `lastSightings` gives them
 * @param at.now in milliseconds since 1970
 * @param at.former the user that takes turns with the one in force
 */
export function keptSightings(
  sightings: readonly Sighting[],
  { now, former, credential }: { now: number; former: string; credential: CredentialSettings },
): Sighting[] {
  const names = new Set(credential.consumers.map(({ name }) => name));
  const oldest = now - keptForMs(credential);
  const lastOfNamed = new Map<string, Sighting>();
  for (const one of sightings) {
    const key = JSON.stringify([one.consumer, one.user, one.by]);
    if (names.has(one.consumer) && !lastOfNamed.has(key)) lastOfNamed.set(key, one);
  }
  const dear = new Set(lastOfNamed.values());
  const others = sightings.filter((one) => !dear.has(one) && one.at >= oldest);
  const inTurn = [...others.filter(({ user }) => user === former), ...others.filter(({ user }) => user !== former)];
  return lastSightings([...dear, ...inTurn.slice(0, MOST_SIGHTINGS)]);
}

function keyOf({ consumer, user, by, address, ec2InstanceId, role }: Sighting): string {
  return JSON.stringify([consumer, user, by, address, ec2InstanceId, role]);
}
