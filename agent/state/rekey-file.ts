import { isCount, isEc2InstanceId, isHex64, isInstanceId } from "../../protocol/index.ts";
import { type Disk, eraseFile, replaceFile } from "../disk.ts";
import { Failure } from "../failure.ts";
import type { Log } from "../log.ts";
import type { KeyFile } from "./key-file.ts";
import type { Places } from "./places.ts";
import { readJson, UnusableFile } from "./read-json.ts";

/** The key pair of a rekey, and which rekey of its instance that is. */
export interface RekeyPair {
  /** Those of its ticket. */
  generation: number;
  nonce: string;
  /** X25519, 64 hexadecimal characters each. */
  privateKey: string;
  publicKey: string;
}

/**
 * The key pairs of rekeys, each until the key that is agreed with it lasts. There is more than one where the answer to a
 * rekey was lost and then another ticket came: anybody who can write tickets can make one up, and it must not cost the pair
 * with which a key may have been agreed.
 */
export interface RekeyFile {
  version: 1;
  id: string;
  ec2InstanceId: string;
  pairs: RekeyPair[];
}

/** One of which nothing can be read: no key can be agreed with it. */
type Damaged = "damaged";

interface RekeyFileParts {
  disk: Disk;
  places: Pick<Places, "folder" | "rekey">;
  log: Log;
}

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

function whatIsWrong({ id, ec2InstanceId, pairs }: Record<string, unknown>): string | undefined {
  if (!isInstanceId(id)) return "id is malformed";
  if (!isEc2InstanceId(ec2InstanceId)) return "ec2InstanceId is malformed";
  return Array.isArray(pairs) && pairs.every(isPair) ? undefined : "pairs is malformed";
}

function isPair(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { generation, nonce, privateKey, publicKey } = value as Record<keyof RekeyPair, unknown>;
  return isCount(generation) && [nonce, privateKey, publicKey].every(isHex64);
}

export function storeRekeyFile(disk: Disk, path: string, file: RekeyFile): Promise<void> {
  return replaceFile(disk, path, `${JSON.stringify(file)}\n`);
}

/** The pairs with which a key may still be agreed, beside the key that is held. */
function pairsToCome(file: RekeyFile | Damaged, { id, ec2InstanceId, generation }: KeyFile): RekeyPair[] {
  if (file === "damaged" || file.id !== id || file.ec2InstanceId !== ec2InstanceId) return [];
  return file.pairs.filter((pair) => pair.generation > generation);
}

/** Whether something is to be erased beside this key. */
export function holdsSpentPair(file: RekeyFile | Damaged, key: KeyFile): boolean {
  return file === "damaged" || file.pairs.length === 0 || pairsToCome(file, key).length < file.pairs.length;
}

/** Erases the pairs of rekeys whose key is held, or an older one's, for good. To be called under the lock. */
export async function eraseSpentPairs(parts: RekeyFileParts, key: KeyFile): Promise<void> {
  const { id, ec2InstanceId } = key;
  await keepOnly(parts, { id, ec2InstanceId }, (file) =>
    holdsSpentPair(file, key) ? pairsToCome(file, key) : undefined,
  );
}

/** Erases one pair for good, with which no key will be agreed. To be called under the lock. */
export async function erasePair(
  parts: RekeyFileParts,
  instance: { id: string; ec2InstanceId: string },
  publicKey: string,
): Promise<void> {
  await keepOnly(parts, instance, (file) =>
    file === "damaged" ? undefined : file.pairs.filter((pair) => pair.publicKey !== publicKey),
  );
}

/** That pairs cannot be erased withholds nothing, and is logged: each turn and each start tries it again. */
async function keepOnly(
  { disk, places, log }: RekeyFileParts,
  { id, ec2InstanceId }: { id: string; ec2InstanceId: string },
  choose: (file: RekeyFile | Damaged) => RekeyPair[] | undefined,
): Promise<void> {
  try {
    const file = await readRekeyFile(disk, places.rekey, log);
    const pairs = file && choose(file);
    if (pairs === undefined) return;
    // A death may have come after the key file's rename and before that lasted: until it does, the key needs its pair.
    await disk.syncFolder(places.folder);
    if (pairs.length === 0) await eraseFile(disk, places.rekey);
    else await storeRekeyFile(disk, places.rekey, { version: 1, id, ec2InstanceId, pairs });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.error(`The key pair of a former rekey could not be erased: ${error.message}`, { id });
  }
}
