import { arnAt, isEc2InstanceId } from "../../protocol/index.ts";
import type { FleetIdentity } from "../shared/neighbours.ts";

/** The identity that AWS has authenticated for a call of the function URL. */
export interface IamIdentity {
  accountId: string;
  /** For a role: its unique ID, a colon, the session's name. */
  userId: string;
  /** For a role: `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`. */
  userArn: string;
}

/**
 * Which EC2 instance calls. EC2 names the session of an instance profile after the instance, and nobody else may assume
 * the fleet's role; so the session's name under that very role, in that very account and partition, is the instance.
 *
 * @returns the EC2 instance ID, or undefined when the caller is no instance of the fleet
 */
export function callingInstance(identity: IamIdentity, fleet: FleetIdentity): string | undefined {
  const { partition, account } = fleet;
  const [roleId, session, ...rest] = identity.userId.split(":");
  const isOfTheFleet =
    identity.accountId === account &&
    identity.userArn.startsWith(arnAt({ partition, account }, "sts", "assumed-role/")) &&
    identity.userArn.endsWith(`/${session}`) &&
    roleId !== undefined &&
    fleet.roleIds.includes(roleId) &&
    rest.length === 0;
  return isOfTheFleet && isEc2InstanceId(session) ? session : undefined;
}
