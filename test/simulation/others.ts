import type { Host } from "../harness/host.ts";
import type { Ground } from "./ground.ts";

/**
 * Somebody who has the credentials of a host for a while, and is not it.
 *
 * @param takesCommands whether SSM's commands come to him in the host's place
 */
export function comeIn(host: Host, fleet: Ground, { ms, takesCommands }: { ms: number; takesCommands: boolean }): Host {
  const other = fleet.world.another(host);
  other.ip = "203.0.113.7";
  if (takesCommands) host.commandsTakenBy = other;
  fleet.later(ms, () => shutOut(host.ec2InstanceId, fleet, other));
  return other;
}

/** Whether somebody has the credentials of a host still. */
export const isIn = ({ state }: Host) => state !== "terminated";

/** Whether anybody has. */
export function hasOther({ ec2InstanceId }: Host, { world }: Ground): boolean {
  return world.others.some((other) => other.ec2InstanceId === ec2InstanceId && isIn(other));
}

/**
 * The sessions of a host's credentials are ended, or a copy of it is shut down.
 *
 * @param who all who have them, where nobody is named
 * @returns how many there were
 */
export function shutOut(ec2InstanceId: string, { world }: Ground, who?: Host): number {
  const all = world.others.filter((other) => other.ec2InstanceId === ec2InstanceId && isIn(other));
  const meant = all.filter((other) => who === undefined || other === who);
  const host = world.hosts.get(ec2InstanceId);
  for (const other of meant) {
    other.shutDown("terminated");
    if (host?.commandsTakenBy === other) host.commandsTakenBy = undefined;
  }
  return meant.length;
}

/** What is found when somebody else proves, answers or claims what the host does not. */
export const CAUSES_OF_TWO = [
  ...["CONFLICT", "MISMATCH", "STALE", "RecordBehind", "PushRefused", "PushFailed", "ReceiptInvalid"],
  ...["REKEY_TAKEN", "NO_REKEY", "KeyTooOld"],
];
