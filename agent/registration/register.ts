import { agreedKey, type Refusal, type UNKNOWN } from "../../protocol/index.ts";
import type { Disk } from "../disk.ts";
import type { Log } from "../log.ts";
import { drawIdentity, erasePrivateKey, type Identity, storeIdentity } from "../state/identity-file.ts";
import { storeKeyFile } from "../state/key-file.ts";
import type { Lock } from "../state/lock.ts";
import type { Places } from "../state/places.ts";
import type { Register } from "./call.ts";

export interface RegisterParts {
  disk: Disk;
  places: Places;
  lock: Lock;
  register: Register;
  random: (bytes: number) => Buffer;
  log: Log;
}

export type Outcome =
  | { kind: "registered"; generation: number; sampleIntervalSeconds: number }
  | { kind: "drawn-again" }
  | { kind: "refused"; reason: Refusal | typeof UNKNOWN }
  | { kind: "rejected" | "unavailable"; sentence: string };

/**
 * One call of the registration function, and what follows from its answer. An instance without a key is new: its first
 * key is agreed and stored, then its private key is erased. An ID that another one has is replaced by a fresh one, which
 * is stored before anybody hears of it.
 *
 * @returns who the instance is now, and what came of the call
 */
export async function registerOnce(
  parts: RegisterParts,
  identity: Identity,
  ip: string,
  signal?: AbortSignal,
): Promise<{ identity: Identity; outcome: Outcome }> {
  const { disk, places, random, log } = parts;
  const { id, ec2InstanceId, publicKey } = identity;
  if (publicKey === undefined) {
    const answer = await parts.register({ id, ip, flag: "update" }, signal);
    return { identity, outcome: answer };
  }
  const answer = await parts.register({ id, ip, flag: "new", publicKey }, signal);
  if (answer.kind === "refused" && answer.reason === "ID_TAKEN") {
    const drawn = drawIdentity(ec2InstanceId, random);
    await storeIdentity(disk, places.identity, drawn);
    log.warn("The ID belongs to another instance: drew another one.", { id: drawn.id, ec2InstanceId });
    return { identity: drawn, outcome: { kind: "drawn-again" } };
  }
  if (answer.kind !== "registered") return { identity, outcome: answer };
  if (answer.serverPublic === undefined || answer.generation !== 1) {
    const sentence = "The registration function registered this instance without agreeing a first key.";
    return { identity, outcome: { kind: "rejected", sentence } };
  }
  const known = await storeFirstKey(parts, identity, answer.serverPublic);
  return { identity: known, outcome: answer };
}

/** Under the lock: a ticket may arrive as soon as the control plane knows the key. */
async function storeFirstKey(parts: RegisterParts, identity: Identity, serverPublic: string): Promise<Identity> {
  const { disk, places, lock } = parts;
  const { id, ec2InstanceId, privateKey, publicKey } = identity;
  if (privateKey === undefined || publicKey === undefined)
    throw new Error("an identity to be registered has a key pair");
  const key = agreedKey({
    purpose: "first-key",
    privateKey,
    publicKey: serverPublic,
    id,
    ec2InstanceId,
    generation: 1,
    agentPublic: publicKey,
    serverPublic,
  });
  return lock.hold(async () => {
    await storeKeyFile(disk, places.key, { version: 1, id, ec2InstanceId, generation: 1, key, nonce: null });
    return erasePrivateKey(disk, places.identity, identity);
  });
}
