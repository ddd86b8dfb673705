import { isAgentTooOld, OLDEST_AGENT, SAMPLES_KEPT_DAYS } from "../../../protocol/index.ts";
import { lineOf } from "../../audit/line.ts";
import type { Registry } from "../../clients/registry.ts";
import { executionName } from "../../record/execution-name.ts";
import { type InstanceRecord, isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { findMeant } from "../find-meant.ts";
import { detailsOf, operated } from "../operated.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/**
 * How far above all that the record knows a generation counts that a sample or a ticket claims. Anybody with an instance's
 * credentials may write samples, and so claim any: one that is made up costs an instance so many generations at each rekey
 * at the most, of 9 * 10^15. A record that is restored to an earlier day is behind by far fewer.
 */
export const MOST_AHEAD = 10_000;

/** How many of its newest samples are looked at for what they claim. */
const MOST_SAMPLES = 200;

/** How often the record is looked at: each time but the first, somebody else has written it meanwhile. */
const MOST_LOOKS = 10;

/**
 * Opens a rekey in one conditional write, beside the keys that are there: nothing is taken away until the instance has
 * proved the new one. One that stands already is joined, since the instance may hold its key; where `anew` says that somebody
 * else has answered it, another one takes its place.
 */
export async function rekey(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { registry } = neighbours;
  const { id } = input;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const record = await findMeant(registry, id);
    if (isRetired(record)) return operated("rekey", input, "RETIRED", neighbours);
    const { status } = record;
    if (status === "QUARANTINED" || status === "NEW") return operated("rekey", input, status, neighbours);
    if (isAgentTooOld(record.agentVersion)) {
      const message = `The agent of ${id} is older than ${OLDEST_AGENT}, and cannot agree a new key. Install this deployment's agent, then ask again.`;
      throw new StepError("AgentTooOld", message);
    }
    const generation = standing(record, input) ?? (await open(record, input, neighbours));
    if (generation === undefined) continue;
    const outcome = status === "STOPPED" ? "WAITING" : "OPENED";
    return { ...(await operated("rekey", input, outcome, neighbours)), generation };
  }
  throw new StepError(TEMPORARILY_UNAVAILABLE, `The record of ${id} is written by many at once.`);
}

/** The generation of the rekey that stands, where that is the one to go on with. */
function standing({ rekey }: InstanceRecord, { anew, execution }: Input): number | undefined {
  if (rekey === undefined) return undefined;
  // A try before, whose answer was lost, has opened it.
  const isOwn = rekey.execution === executionName(execution);
  return isOwn || !anew || rekey.agreed === undefined ? rekey.generation : undefined;
}

/** @returns the generation that it is to reach; undefined where somebody has written the record meanwhile */
async function open(record: InstanceRecord, input: Input, neighbours: Neighbours): Promise<number | undefined> {
  const { registry, nonces, now } = neighbours;
  const { id, ec2InstanceId } = record;
  const generation = (await highestSeen(record, neighbours)) + 1;
  const at = now();
  const execution = executionName(input.execution);
  // Also where successors are derived without one: it is by the nonce that the instance shows that it was asked.
  const nonce = await nonces.compute({ id, ec2InstanceId, generation });
  const rekey: Parameters<Registry["openRekey"]>[1]["rekey"] = {
    generation,
    nonce,
    openedAt: at,
    execution,
    pushes: {},
  };
  const line = lineOf("rekey-opened", at, { ...detailsOf(input), generation });
  const isOpen = await registry.openRekey(id, { rekey, replaces: record.rekey?.generation, line });
  return isOpen ? generation : undefined;
}

/** The highest generation that either side has seen, as far as that can be known. */
async function highestSeen(
  { id, ec2InstanceId, current, pending, rekey }: InstanceRecord,
  { tickets, timeSeries, now, skewMs }: Neighbours,
): Promise<number> {
  const known = Math.max(current.generation, pending?.generation ?? 0, rekey?.generation ?? 0);
  const at = now();
  const window = { from: at - SAMPLES_KEPT_DAYS * 86_400_000, to: at + skewMs, limit: MOST_SAMPLES };
  const samples = await timeSeries.read({ id, ec2InstanceId, ...window });
  const ticket = await tickets.find(ec2InstanceId, id);
  const claimed = [...samples, ...(ticket === undefined ? [] : [ticket])].map(({ generation }) => generation);
  return Math.max(known, ...claimed.filter((generation) => generation <= known + MOST_AHEAD));
}
