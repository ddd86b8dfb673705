import { lineOf } from "../../audit/line.ts";
import { findNamed } from "../../clients/find-live.ts";
import type { HostState } from "../../clients/hosts.ts";
import type { Registry } from "../../clients/registry.ts";
import type { Owner } from "../../record/owner.ts";
import type { InstanceRecord } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

type Event = InputOf<typeof contract>;

/** EC2's answers lag behind its events by seconds; an event that still disagrees after this is itself the late one. */
const EC2_LAGS_MS = 90_000;

/**
 * Follows a host's life. An event may come late or out of order, and so may EC2's answer: where the two disagree, EC2 is
 * asked again later. Only a termination that EC2 or its event states ends a record.
 *
 * @throws StepError TemporarilyUnavailable where they disagree: Lambda calls again after a minute, and after two more
 */
export async function followState(
  event: Event,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, hosts, now, journal } = neighbours;
  const ec2InstanceId = event.detail["instance-id"];
  const told = event.detail.state;
  const known = await recordsOf(ec2InstanceId, await registry.findOwner(ec2InstanceId), registry);
  if (known.length === 0 && told !== "terminated") return { changed: [] };

  // Most hosts of an account are none of Keyturn's: EC2 is asked about those only that are.
  const state = known.length === 0 ? told : await hosts.state(ec2InstanceId);
  if (!isSettled(event, state, now())) {
    const message = `EC2 says that ${ec2InstanceId} is ${state}, its event: ${told}.`;
    throw new StepError(TEMPORARILY_UNAVAILABLE, message);
  }
  // An ID that EC2 no longer knows, and an event that says why.
  const settled = state === "unknown" ? "terminated" : state;
  let records = known;
  if (settled === "terminated") {
    // A registration that is on its way finds this; one that was faster is named there.
    const owner = await registry.noteEnded(ec2InstanceId, { at: now() });
    records = await recordsOf(ec2InstanceId, owner, registry);
  }
  const changed: string[] = [];
  for (const record of records) {
    if (await follow(record, settled, neighbours)) {
      changed.push(record.id);
      journal.info("followed", { id: record.id, ec2InstanceId, state });
    }
  }
  return { changed };
}

/** The live records of a host: through the index, which may be a second behind, and by their names in its owner item. */
async function recordsOf(
  ec2InstanceId: string,
  owner: Owner | undefined,
  registry: Registry,
): Promise<InstanceRecord[]> {
  const records = await registry.findByEc2Instance(ec2InstanceId);
  for (const id of [owner?.holder, owner?.newcomer]) {
    if (records.some((record) => record.id === id)) continue;
    const named = await findNamed(registry, id, ec2InstanceId);
    if (named !== undefined) records.push(named);
  }
  return records;
}

/** Whether an event and EC2's answer leave no doubt about a host. */
function isSettled({ detail: { state: told }, time }: Event, state: HostState, now: number): boolean {
  if (state === "terminated") return true;
  if (told === "terminated") return state === "unknown";
  if (state === "unknown" || state === "pending") return false;
  const agrees = told === "running" ? state === "running" : state === "stopping" || state === "stopped";
  return agrees || now - Date.parse(time) > EC2_LAGS_MS;
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
      return registry.retire(id, {
        ...{ ec2InstanceId, at: now() },
        line: lineOf("retired", now(), { why: "EC2 says terminated" }),
      });
    default:
      return Promise.resolve(false);
  }
}
