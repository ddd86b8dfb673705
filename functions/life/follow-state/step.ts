import type { HostState } from "../../clients/hosts.ts";
import type { InstanceRecord } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * Follows a host's life. The event only says that something changed, and may come late or out of order: what counts
 * is what EC2 says when asked.
 */
export async function followState(
  { detail }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, hosts, journal } = neighbours;
  const ec2InstanceId = detail["instance-id"];
  // Most hosts of an account are none of Keyturn's: EC2 is asked about those only that are.
  const records = await registry.findByEc2Instance(ec2InstanceId);
  if (records.length === 0) return { changed: [] };

  const state = await hosts.state(ec2InstanceId);
  if (detail.state === "terminated" && state !== "terminated" && state !== "gone") {
    // No further event will come of it: Lambda calls again, by when EC2 says the same everywhere.
    throw new StepError(TEMPORARILY_UNAVAILABLE, `EC2 says that ${ec2InstanceId} is ${state}, its event: terminated.`);
  }
  const changed: string[] = [];
  for (const record of records) {
    if (await follow(record, state, neighbours)) {
      changed.push(record.id);
      journal.info("followed", { id: record.id, ec2InstanceId, state });
    }
  }
  return { changed };
}

function follow(
  { id, ec2InstanceId }: InstanceRecord,
  state: HostState,
  { registry, now }: NeighboursOf<typeof contract>,
): Promise<boolean> {
  switch (state) {
    case "stopping":
    case "stopped":
      return registry.stop(id, { ec2InstanceId });
    case "running":
      // From now on it is expected to prove its key again, whether its agent comes up or not.
      return registry.start(id, { ec2InstanceId, at: now() });
    case "terminated":
    case "gone":
      return registry.retire(id, { ec2InstanceId, at: now() });
    default:
      return Promise.resolve(false);
  }
}
