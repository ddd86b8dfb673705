import { isCount, isEc2InstanceId, isHex64, isInstanceId } from "../../protocol/index.ts";
import { type Disk, eraseFile, replaceFile } from "../disk.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import type { KeyFile } from "./key-file.ts";
import type { Places } from "./places.ts";
import { readJson, UnusableFile } from "./read-json.ts";

/** The key pair of a rekey, and which rekey that is. It lies there until the key that is agreed with it lasts. */
export interface RekeyFile {
  version: 1;
  id: string;
  ec2InstanceId: string;
  /** Those of its ticket. */
  generation: number;
  nonce: string;
  /** X25519, 64 hexadecimal characters each. */
  privateKey: string;
  publicKey: string;
}

/** One of which nothing can be read: no key can be agreed with it. */
type Damaged = "damaged";

/** @throws Failure if it cannot be read: by the pair that lies there a key may have been agreed */
export async function readRekeyFile(disk: Disk, path: string, log: Log): Promise<RekeyFile | Damaged | undefined> {
  try {
    return await readJson<RekeyFile>(disk, path, whatIsWrong, "It counts for nothing: a rekey draws another key pair.");
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error;
    log.warn(error.message);
    return "damaged";
  }
}

function whatIsWrong({ id, ec2InstanceId, generation, nonce, ...pair }: Record<string, unknown>): string | undefined {
  if (!isInstanceId(id)) return "id is malformed";
  if (!isEc2InstanceId(ec2InstanceId)) return "ec2InstanceId is malformed";
  if (!isCount(generation)) return "generation is malformed";
  if (!isHex64(nonce)) return "nonce is malformed";
  return isHex64(pair.privateKey) && isHex64(pair.publicKey) ? undefined : "the key pair is malformed";
}

export function storeRekeyFile(disk: Disk, path: string, file: RekeyFile): Promise<void> {
  return replaceFile(disk, path, `${JSON.stringify(file)}\n`);
}

/** Whether no key is to be agreed with a pair any more, beside the key that is held. */
export function isSpent(file: RekeyFile | Damaged, { id, ec2InstanceId, generation }: KeyFile): boolean {
  if (file === "damaged") return true;
  return file.generation <= generation || file.id !== id || file.ec2InstanceId !== ec2InstanceId;
}

/**
 * Erases the key pair of a rekey whose key is held, or an older one's, for good. To be called under the lock. That it
 * cannot be erased withholds nothing, and is logged: it is tried again by each turn and each start.
 */
export async function eraseSpentRekey(
  { disk, places, log }: { disk: Disk; places: Pick<Places, "folder" | "rekey">; log: Log },
  key: KeyFile,
): Promise<void> {
  try {
    const file = await readRekeyFile(disk, places.rekey, log);
    if (file === undefined || !isSpent(file, key)) return;
    // A death may have come after the key file's rename and before that lasted: until it does, the key needs its pair.
    await disk.syncFolder(places.folder);
    await eraseFile(disk, places.rekey);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.error(`The key pair of a former rekey could not be erased: ${error.message}`, { id: key.id });
  }
}
