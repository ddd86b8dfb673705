import type { BehindFact, Finding } from "../functions/findings/finding.ts";
import type { Credential } from "./reads/credentials.ts";

/** A credential, what stands about it, and who has not moved to its current version, as far as that is seen. */
export interface LookedAtCredential {
  credential: Credential;
  findings: readonly Finding[];
  behind: readonly BehindFact[];
}

/** @param findings all that stand */
export function lookedAtCredential(credential: Credential, findings: readonly Finding[]): LookedAtCredential {
  const own = findings.filter(({ subject }) => subject === credential.name);
  const told = own.flatMap(({ facts }) => facts.behind ?? []);
  const isTold = (one: BehindFact) => told.some((other) => placeOf(one) === placeOf(other));
  return { credential, findings: own, behind: [...told, ...stillOnFormer(credential).filter((one) => !isTold(one))] };
}

/**
 * Who was seen last on the former user since the current one was promoted, and is waited for. Who was not seen at all, only
 * the settings know, and so what people are told once the deadline is over.
 */
function stillOnFormer({ current, predecessor, sightings }: Credential): BehindFact[] {
  if (current === undefined || predecessor === undefined || predecessor.shutAt !== undefined) return [];
  const newest = new Map<string, Credential["sightings"][number]>();
  for (const one of sightings) {
    const before = newest.get(placeOf(one));
    if (before === undefined || before.at < one.at) newest.set(placeOf(one), one);
  }
  const still = [...newest.values()].filter(({ user, at }) => user === predecessor.user && at >= current.since);
  return still.map(({ consumer, at, address, ec2InstanceId, role }) => ({
    ...{ consumer, why: "USES_FORMER", lastAt: at },
    ...(address !== undefined && { address }),
    ...(ec2InstanceId !== undefined && { ec2InstanceId }),
    ...(role !== undefined && { role }),
  }));
}

/**
 * What tells a consumer from others of its name. The address first: where a session was seen, the database knows it alone, and
 * who is told of is named by the registry beside it.
 */
export function placeOf({ consumer, address, ec2InstanceId, role }: Omit<BehindFact, "why">): string {
  return JSON.stringify([consumer, role ?? address ?? ec2InstanceId]);
}

/** Whether somebody should look at it: something stands about it, or its rotations fail. */
export function isToBeLookedAt({ credential, findings }: LookedAtCredential): boolean {
  return findings.length > 0 || credential.failing !== undefined;
}
