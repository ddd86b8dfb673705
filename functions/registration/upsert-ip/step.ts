import { instanceRegistered } from "../../../events/instance-registered.ts";
import { agreedKey, keyPair, VERDICTS } from "../../../protocol/index.ts";
import { lineOf } from "../../audit/line.ts";
import { firstDueAt, WINDOW_INTERVALS } from "../../record/due.ts";
import { isNamed } from "../../record/owner.ts";
import { type InstanceRecord, isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { claim } from "../claim.ts";
import { isSameRegistration } from "../same-registration.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type NewInstance = Extract<Input, { flag: "new" }>;
type Output = OutputOf<typeof contract>;

type Neighbours = NeighboursOf<typeof contract>;

/** How often the owner item is looked at: each time but the first, another registration of the same host was faster. */
const MOST_LOOKS = 10;

/** Adds the instance or updates its IP, and tells that it has registered. */
export async function upsertIp(input: Input, neighbours: Neighbours): Promise<Output> {
  const output = input.flag === "new" ? await add(input, neighbours) : await update(input, neighbours);
  const { id, ec2InstanceId, ip, flag } = input;
  await neighbours.bus.put(instanceRegistered, { id, ec2InstanceId, ip, flag, generation: output.generation });
  neighbours.journal.info("registered", { id, ec2InstanceId, flag });
  return output;
}

/**
 * Adds the record of a new instance: the owner item names the ID first, then the record is written, and then the owner item
 * once more. Where that finds it changed, the record may be one too many, and all is looked at anew.
 */
async function add(input: NewInstance, neighbours: Neighbours): Promise<Output> {
  const { registry, now, rotateEveryMs } = neighbours;
  const { id, ec2InstanceId, publicKey } = input;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const found = await registry.find(id);
    if (found !== undefined && !isSameRegistration(found, ec2InstanceId, publicKey)) throw taken(id);
    const before = await registry.findOwner(ec2InstanceId);
    if (before?.endedAt !== undefined) {
      const line = lineOf("retired", now(), { why: "EC2 says terminated" });
      await registry.retire(id, { ec2InstanceId, at: now(), line });
      throw new StepError("Retired", `EC2 has said that ${ec2InstanceId} is terminated.`);
    }
    const isNamedAlready = isNamed(before, id);
    if (found !== undefined && before !== undefined && !isNamedAlready) {
      // A later newcomer, or a registration at the same moment, was given the place: the agent comes again under another ID.
      // A record that is new is retired when it is due, and not now: a call that is slow may be giving it the place again.
      if (found.status !== "NEW") {
        const line = lineOf("retired", now(), { why: "another registration has its place" });
        await registry.retire(id, { ec2InstanceId, at: now(), line });
      }
      throw taken(id);
    }
    const owner = isNamedAlready ? before : await claim(input, before, neighbours);
    const record = found ?? (owner && (await addRecord(input, neighbours)));
    if (owner === undefined || record === undefined) continue;
    const answer = { generation: 1, serverPublic: record.serverPublic };
    if (record.status !== "NEW") return answer;
    // Whoever saw no record yet may take the place of its holder until now, and not from now on.
    if ((await registry.writeOwner(ec2InstanceId, owner, owner)) === undefined) continue;
    const dueAt = firstDueAt(id, record.registeredAt, rotateEveryMs);
    if (owner.holder === id) await registry.activate(id, { ec2InstanceId, dueAt });
    return answer;
  }
  throw new StepError(TEMPORARILY_UNAVAILABLE, `${ec2InstanceId} registers many times at once.`);
}

const taken = (id: string) => new StepError("IdTaken", `${id} belongs to another instance.`);

/** Writes the record with the first key agreed; undefined if there is one meanwhile. */
async function addRecord(
  { id, ec2InstanceId, ip, publicKey, agentVersion }: NewInstance,
  { registry, vault, now, random, intervalMs }: Neighbours,
): Promise<InstanceRecord | undefined> {
  const name = { id, ec2InstanceId, generation: 1 };
  const server = keyPair(random);
  const key = agreedKey({
    purpose: "first-key",
    ...name,
    privateKey: server.privateKey,
    publicKey,
    agentPublic: publicKey,
    serverPublic: server.publicKey,
  });
  const at = now();
  const record: InstanceRecord = {
    id,
    ec2InstanceId,
    ip,
    status: "NEW",
    current: { generation: 1, nonce: "", ciphertext: await vault.seal(key, name), since: at },
    agentPublic: publicKey,
    serverPublic: server.publicKey,
    ...(agentVersion !== undefined && { agentVersion }),
    registeredAt: at,
    startedAt: at,
    dueAt: at + WINDOW_INTERVALS * intervalMs,
    auditDue: [lineOf("registered", at, { ec2InstanceId, ip, generation: 1 })],
  };
  return (await registry.add(record)) ? record : undefined;
}

async function update({ id, ec2InstanceId, ip, agentVersion }: Input, { registry, now }: Neighbours): Promise<Output> {
  if (await registry.updateIp(id, { ec2InstanceId, ip, agentVersion, at: now() })) {
    const record = await registry.find(id);
    if (record !== undefined && !isRetired(record)) {
      const verdict = lastJudged(record);
      const { current, serverPublic } = record;
      return { generation: current.generation, serverPublic, ...(verdict !== undefined && { verdict }) };
    }
  }
  throw new StepError("NotOwner", `${id} is no longer ${ec2InstanceId}'s to update.`);
}

/** The verdict as an instance may read it. */
function lastJudged({ verdict }: InstanceRecord): Output["verdict"] {
  return VERDICTS.find((known) => known === verdict);
}
