import { agreedKey, type Refusal, type UNKNOWN } from "../../protocol/index.ts";
import type { Disk } from "../disk.ts";
import type { Log } from "../log.ts";
import { demandThatTheyFit } from "../state/boot.ts";
import { drawIdentity, erasePrivateKey, type Identity, readIdentity, storeIdentity } from "../state/identity-file.ts";
import { readKeyFile, storeKeyFile } from "../state/key-file.ts";
import type { Lock } from "../state/lock.ts";
import type { Places } from "../state/places.ts";
import { VERSION } from "../version.ts";
import type { Answer } from "./answer.ts";
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
  | Extract<Answer, { kind: "registered" }>
  | { kind: "drawn-again" }
  | { kind: "refused"; reason: Refusal | typeof UNKNOWN }
  | { kind: "rejected" | "unavailable"; sentence: string };

/** Who the instance is now, and what came of a call. */
interface Registration {
  identity: Identity;
  outcome: Outcome;
}

/**
 * One call of the registration function, and what follows from its answer. An instance without a key is new: its first
 * key is agreed and stored, then its private key is erased. An ID that another one has is replaced by a fresh one, which
 * is stored before anybody hears of it. What the files say is looked at once more under the lock: the call may take a
 * minute, and whatever came in between stands.
 */
export async function registerOnce(
  parts: RegisterParts,
  identity: Identity,
  ip: string,
  signal?: AbortSignal,
): Promise<Registration> {
  const { id, publicKey } = identity;
  const said = { id, ip, agentVersion: VERSION };
  if (publicKey === undefined) {
    const answer = await parts.register({ ...said, flag: "update" }, signal);
    return { identity, outcome: answer };
  }
  const answer = await parts.register({ ...said, flag: "new", publicKey }, signal);
  if (answer.kind === "refused" && answer.reason === "ID_TAKEN") return drawAgain(parts, identity);
  if (answer.kind !== "registered") return { identity, outcome: answer };
  const { generation, serverPublic } = answer;
  if (generation !== 1) {
    const sentence =
      `The registration function registered this instance as new, but at generation ${generation}, where a first key ` +
      "has generation 1. Nothing was stored.";
    return { identity, outcome: { kind: "rejected", sentence } };
  }
  if (serverPublic === undefined) {
    const sentence = "The registration function registered this instance without agreeing a first key.";
    return { identity, outcome: { kind: "rejected", sentence } };
  }
  return storeFirstKey(parts, identity, serverPublic, answer);
}

/** Under the lock: a ticket may arrive as soon as the control plane knows the key. */
async function storeFirstKey(
  parts: RegisterParts,
  identity: Identity,
  serverPublic: string,
  outcome: Outcome,
): Promise<Registration> {
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
    const stored = await readIdentity(disk, places.identity);
    if (stored !== undefined && !isSame(stored, identity)) return changed(parts, stored);
    const held = await readKeyFile(disk, places.key);
    demandThatTheyFit(places, stored ?? identity, held);
    // A key that is there already was agreed by the same exchange, and may have been turned meanwhile.
    if (held === undefined) {
      await storeKeyFile(disk, places.key, { version: 1, id, ec2InstanceId, generation: 1, key, nonce: null });
    }
    return { identity: await erasePrivateKey(disk, places.identity, identity), outcome };
  });
}

async function drawAgain(parts: RegisterParts, identity: Identity): Promise<Registration> {
  const { disk, places, lock, random, log } = parts;
  const { ec2InstanceId } = identity;
  return lock.hold(async () => {
    const stored = await readIdentity(disk, places.identity);
    const registered = (await readKeyFile(disk, places.key)) !== undefined;
    if (stored !== undefined && (registered || !isSame(stored, identity))) return changed(parts, stored);
    const drawn = drawIdentity(ec2InstanceId, random);
    await storeIdentity(disk, places.identity, drawn);
    log.warn("The ID belongs to another instance: drew another one.", { id: drawn.id, ec2InstanceId });
    return { identity: drawn, outcome: { kind: "drawn-again" } };
  });
}

/** Whether a stored identity is still the one that was registered, its key pair erased or not. */
function isSame(stored: Identity, registered: Identity): boolean {
  if (stored.id !== registered.id || stored.ec2InstanceId !== registered.ec2InstanceId) return false;
  return stored.publicKey === undefined || stored.publicKey === registered.publicKey;
}

function changed({ places }: RegisterParts, identity: Identity): Registration {
  const sentence =
    `${places.folder} was changed by somebody else while the registration was under way. What lies there now stands, ` +
    "and is registered next.";
  return { identity, outcome: { kind: "unavailable", sentence } };
}
