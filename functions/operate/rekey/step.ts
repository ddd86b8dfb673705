import { isAgentTooOld, OLDEST_AGENT } from "../../../protocol/index.ts";
import { lineOf } from "../../audit/line.ts";
import { executionName } from "../../record/execution-name.ts";
import { type InstanceRecord, isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { findMeant } from "../find-meant.ts";
import { detailsOf, operated } from "../operated.ts";
import { claimedGenerations, knownGeneration } from "./claimed-generation.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/** How often the record is looked at: each time but the first, somebody else has written it meanwhile. */
const MOST_LOOKS = 10;

/**
 * Opens a rekey in one conditional write, beside the keys that are there: nothing is taken away until the instance has
 * proved the new one. One that stands already is joined, since the instance may hold its key. Another one takes its place
 * where `anew` says that somebody else has answered it, and where the instance is beyond it, as after a table was restored.
 */
export async function rekey(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { registry } = neighbours;
  const { id } = input;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const record = await findMeant(registry, id);
    if (isRetired(record)) return operated("rekey", input, "RETIRED", neighbours);
    const { status } = record;
    if (status === "QUARANTINED" || status === "NEW") return operated("rekey", input, status, neighbours);
    // Where somebody else has answered, he may also have registered in its name as an agent that says no version.
    if (!input.anew && isAgentTooOld(record.agentVersion)) {
      const message = `The agent of ${id} is older than ${OLDEST_AGENT}, and cannot agree a new key. Install this deployment's agent, then ask again.`;
      throw new StepError("AgentTooOld", message);
    }
    const claimed = await claimedGenerations(record, neighbours);
    const generation = standing(record, claimed, input) ?? (await open(record, claimed, input, neighbours));
    if (generation === undefined) continue;
    const outcome = status === "STOPPED" ? "WAITING" : "OPENED";
    return { ...(await operated("rekey", input, outcome, neighbours)), generation };
  }
  throw new StepError(TEMPORARILY_UNAVAILABLE, `The record of ${id} is written by many at once.`);
}

type Claimed = Awaited<ReturnType<typeof claimedGenerations>>;

/** The generation of the rekey that stands, where that is the one to go on with. */
function standing(
  { current, rekey }: InstanceRecord,
  { bySamples, byTicket }: Claimed,
  { anew, execution }: Input,
): number | undefined {
  if (rekey === undefined) return undefined;
  const { generation, agreed } = rekey;
  // A try before, whose answer was lost, has opened it.
  if (rekey.execution === executionName(execution)) return generation;
  // Of a generation that nobody has agreed with this record nobody writes samples: it was restored to before that.
  const isOfBefore = agreed === undefined && bySamples === generation;
  // Functions of a version before this one, rolled back to, turn keys beside a rekey that they do not know.
  const isBehind = Math.max(bySamples, byTicket) > generation || current.generation >= generation || isOfBefore;
  const isAnswered = anew && agreed !== undefined;
  return isBehind || isAnswered ? undefined : generation;
}

/** @returns the generation that it is to reach; undefined where somebody has written the record meanwhile */
async function open(
  record: InstanceRecord,
  { bySamples, byTicket }: Claimed,
  input: Input,
  { registry, nonces, now }: Neighbours,
): Promise<number | undefined> {
  const { id, ec2InstanceId } = record;
  const generation = Math.max(knownGeneration(record), bySamples, byTicket) + 1;
  const at = now();
  const execution = executionName(input.execution);
  // Also where successors are derived without one: it is by the nonce that the instance shows that it was asked.
  const nonce = await nonces.compute({ id, ec2InstanceId, generation });
  const rekey = { generation, nonce, openedAt: at, execution, pushes: {} };
  const line = lineOf("rekey-opened", at, { ...detailsOf(input), generation });
  const isOpen = await registry.openRekey(id, { rekey, replaces: record.rekey?.generation, line });
  return isOpen ? generation : undefined;
}
