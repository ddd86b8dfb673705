import { instanceRegistered } from "../../../events/instance-registered.ts";
import { agreedKey, keyPair } from "../../../protocol/index.ts";
import { firstDueAt } from "../../record/due.ts";
import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { isSameRegistration } from "../same-registration.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type NewInstance = Extract<Input, { flag: "new" }>;
type Output = OutputOf<typeof contract>;

type Neighbours = NeighboursOf<typeof contract>;

/** Adds the instance or updates its IP, and tells that it has registered. */
export async function upsertIp(input: Input, neighbours: Neighbours): Promise<Output> {
  const output = input.flag === "new" ? await add(input, neighbours) : await update(input, neighbours);
  const { id, ec2InstanceId, ip, flag } = input;
  await neighbours.bus.put(instanceRegistered, { id, ec2InstanceId, ip, flag, generation: output.generation });
  neighbours.journal.info("registered", { id, ec2InstanceId, flag });
  return output;
}

async function add({ id, ec2InstanceId, ip, publicKey }: NewInstance, neighbours: Neighbours): Promise<Output> {
  const { registry, vault, now, random, rotateEveryMs } = neighbours;
  const before = await registry.find(id);
  if (before === undefined) {
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
    const added = await registry.add({
      id,
      ec2InstanceId,
      ip,
      status: "ACTIVE",
      current: { generation: 1, nonce: "", ciphertext: await vault.seal(key, name), since: at },
      agentPublic: publicKey,
      serverPublic: server.publicKey,
      registeredAt: at,
      startedAt: at,
      dueAt: firstDueAt(id, at, rotateEveryMs),
    });
    if (added) return { generation: 1, serverPublic: server.publicKey };
  }
  // It is there: by this very call, whose answer was lost, or by another instance, which was faster.
  const record = before ?? (await registry.find(id));
  if (record === undefined || !isSameRegistration(record, ec2InstanceId, publicKey)) {
    throw new StepError("IdTaken", `${id} belongs to another instance.`);
  }
  return { generation: 1, serverPublic: record.serverPublic };
}

async function update({ id, ec2InstanceId, ip }: Input, { registry, now }: Neighbours): Promise<Output> {
  if (await registry.updateIp(id, { ec2InstanceId, ip, at: now() })) {
    const record = await registry.find(id);
    if (record !== undefined && !isRetired(record)) {
      return { generation: record.current.generation, serverPublic: record.serverPublic };
    }
  }
  throw new StepError("NotOwner", `${id} is no longer ${ec2InstanceId}'s to update.`);
}
