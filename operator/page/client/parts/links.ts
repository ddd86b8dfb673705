import type { CredentialRow, InstanceRow } from "../../wire/live.ts";
import { to } from "../places.ts";

/** What is known to lead somewhere. */
export interface Known {
  instances: ReadonlyMap<string, InstanceRow>;
  credentials: readonly CredentialRow[];
}

const INSTANCE_ID = /^[0-9a-f]{6}$/;
const ACCESS_KEY = /^A(KIA|SIA)[A-Z0-9]{16}$/;

/**
 * Where a subject is looked at: an instance by its ID, or by what AWS calls it, an access key by its ID, a credential by its name.
 *
 * @returns undefined where there is no such view: the fleet itself, a host that nobody registered
 */
export function hrefOf(subject: string, { instances, credentials }: Known): string | undefined {
  if (INSTANCE_ID.test(subject) || ACCESS_KEY.test(subject)) return to("instance", subject);
  if (credentials.some(({ name }) => name === subject)) return to("credentials", subject);
  if (!subject.startsWith("i-")) return undefined;
  const ofHost = [...instances.values()].filter(({ ec2InstanceId }) => ec2InstanceId === subject);
  // A host may have come under another ID since.
  const { id } = ofHost.find(({ status }) => status !== "RETIRED") ?? ofHost[0] ?? {};
  return id === undefined ? undefined : to("instance", id);
}

/** What is known of an execution by its ARN alone; both empty where it is none. */
export function partsOf(arn: string): { machine: string; name: string } {
  const [, , , , , , machine = "", name = ""] = arn.split(":");
  return { machine, name };
}

/** An execution in few words, of its ARN: the flow and its name, e.g. `watch 0a1b2c`. */
export function executionName(arn: string): string {
  const { machine, name } = partsOf(arn);
  return name === "" ? arn : `${machine.slice(machine.indexOf("-") + 1)} ${name}`;
}

/** Of a long name, so much of either end tells it from others. */
const GLANCE = 12;

/** As much of an execution's name as a table has room for. */
export function atAGlance(name: string): string {
  return name.length > 2 * GLANCE + 1 ? `${name.slice(0, GLANCE)}…${name.slice(-GLANCE)}` : name;
}
