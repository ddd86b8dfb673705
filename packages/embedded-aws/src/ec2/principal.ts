import type { Principal } from "../http/service.ts";
import { ACCOUNT } from "../place.ts";

/** The role that the fleet's instance profile gives, and its ID. */
export const FLEET_ROLE = "KeyturnInstance";
export const FLEET_ROLE_ID = "AROAKEYTURNINSTANCE01";

/** Who an instance is to AWS when it signs with its instance profile. */
export function instancePrincipal(ec2InstanceId: string): Principal {
  return {
    kind: "instance",
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${FLEET_ROLE}/${ec2InstanceId}`,
    userId: `${FLEET_ROLE_ID}:${ec2InstanceId}`,
  };
}
