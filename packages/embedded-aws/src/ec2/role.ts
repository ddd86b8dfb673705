import type { Statement } from "../http/rights.ts";
import type { Principal } from "../http/service.ts";
import { ACCOUNT } from "../place.ts";

/** The role that instances have through their instance profile. */
export interface InstanceRole {
  name: string;
  /** What IAM calls it beside its name: `AROA` and letters and digits. */
  id: string;
  /** What an instance may do; nothing where there are none. */
  statements: readonly Statement[];
}

/** The role of instances to which none is given: it may do nothing. */
export const NO_RIGHTS: InstanceRole = { name: "Instance", id: "AROAINSTANCE000000001", statements: [] };

/** Who an instance is to AWS when it signs with its instance profile. */
export function instancePrincipal(role: InstanceRole, ec2InstanceId: string): Principal {
  return {
    kind: "instance",
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role.name}/${ec2InstanceId}`,
    userId: `${role.id}:${ec2InstanceId}`,
  };
}
