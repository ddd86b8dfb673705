import { drawInstanceId, isEc2InstanceId, isHex64, isInstanceId } from "../../protocol/index.ts";
import { type Disk, replaceFile } from "../disk.ts";
import { drawKeyPair } from "./key-pair.ts";
import { readJson } from "./read-json.ts";

/** Who this instance is. The key pair is there only until the first key is agreed and stored. */
export interface Identity {
  version: 1;
  id: string;
  ec2InstanceId: string;
  /** X25519, 64 hexadecimal characters each. */
  privateKey?: string;
  publicKey?: string;
}

/**
 * Draws an ID and a key pair; nothing is stored yet.
 *
 * @throws Failure where the system lets nobody use X25519
 */
export function drawIdentity(ec2InstanceId: string, random: (bytes: number) => Buffer): Identity {
  return { version: 1, id: drawInstanceId(random), ec2InstanceId, ...drawKeyPair(random) };
}

/** @throws Failure if the file is damaged */
export function readIdentity(disk: Disk, path: string): Promise<Identity | undefined> {
  return readJson<Identity>(disk, path, (value) => {
    if (!isInstanceId(value.id)) return "id is malformed";
    if (!isEc2InstanceId(value.ec2InstanceId)) return "ec2InstanceId is malformed";
    const pair = [value.privateKey, value.publicKey];
    if (pair.every((half) => half === undefined) || pair.every(isHex64)) return undefined;
    return "the key pair is malformed";
  });
}

export function storeIdentity(disk: Disk, path: string, identity: Identity): Promise<void> {
  return replaceFile(disk, path, `${JSON.stringify(identity)}\n`);
}

/** Stores the identity without its key pair, for good. */
export async function erasePrivateKey(disk: Disk, path: string, identity: Identity): Promise<Identity> {
  const { id, ec2InstanceId } = identity;
  const bare: Identity = { version: 1, id, ec2InstanceId };
  await storeIdentity(disk, path, bare);
  return bare;
}
