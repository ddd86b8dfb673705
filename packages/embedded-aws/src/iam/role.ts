import type { Principal } from "../http/service.ts";
import { ACCOUNT } from "../place.ts";
import type { Statement } from "./statement.ts";

/** A role, and what whoever has it may do. */
export interface Role {
  name: string;
  /** What IAM calls it beside its name: `AROA` and letters and digits; made of the name where it is left out. */
  id?: string;
  /** Nothing may be done where there are none. */
  statements: readonly Statement[];
}

/** The role that instances have through their instance profile. */
export type InstanceRole = Required<Role>;

/** The role of instances to which none is given: it may do nothing. */
export const NO_RIGHTS: InstanceRole = { name: "Instance", id: "AROAINSTANCE000000001", statements: [] };

/** Somebody who has taken on a role, as AWS names him. */
export function assumedRole(kind: Principal["kind"], role: Pick<Role, "name" | "id">, session: string): Principal {
  const { name, id = `AROA${name.toUpperCase().replace(/[^A-Z0-9]/g, "")}` } = role;
  return { kind, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/${session}`, userId: `${id}:${session}` };
}

/** The name of a role in its name, its ARN, or the ARN of who has taken it on. */
export function roleName(nameOrArn: string): string {
  const [start, ...rest] = nameOrArn.split("/");
  return (start?.endsWith(":assumed-role") ? rest[0] : rest.at(-1)) ?? nameOrArn;
}
