import type { Disk } from "../disk.ts";
import { eraseFile, hasLeftover, removeLeftovers } from "../disk.ts";
import type { Log } from "../log.ts";
import { drawIdentity, erasePrivateKey, type Identity, readIdentity, storeIdentity } from "./identity-file.ts";
import { A_NEW_KEY, type KeyFile, readKeyFile } from "./key-file.ts";
import type { Lock } from "./lock.ts";
import type { Places } from "./places.ts";
import { UnusableFile } from "./read-json.ts";
import { eraseSpentPairs, holdsSpentPair, readRekeyFile } from "./rekey-file.ts";

export interface BootParts {
  disk: Disk;
  places: Places;
  lock: Lock;
  random: (bytes: number) => Buffer;
  log: Log;
}

/**
 * Finds out who this instance is. Without a stored identity, or with that of another instance (a cloned disk or image),
 * it is a new one: it draws an identity and stores it before anybody hears of it.
 *
 * @throws Failure if the files are damaged or do not belong together: that never makes a new instance
 */
export async function openIdentity(parts: BootParts, ec2InstanceId: string): Promise<Identity> {
  const { disk, places, lock, random, log } = parts;
  const files = [places.key, places.identity, places.rekey];
  const stored = await readIdentity(disk, places.identity);
  if (stored?.ec2InstanceId === ec2InstanceId && stored.privateKey === undefined) {
    const key = await readKeyFile(disk, places.key);
    demandThatTheyFit(places, stored, key);
    // Mostly nothing is to be written, and so there is nothing to wait for, even if a turn is under way.
    const left = await Promise.all(files.map((path) => hasLeftover(disk, path)));
    const rekey = await readRekeyFile(disk, places.rekey, log);
    const isPairLeft = key !== undefined && rekey !== undefined && holdsSpentPair(rekey, key);
    if (!left.includes(true) && !isPairLeft) return stored;
  }
  return lock.hold(async () => {
    await removeLeftovers(disk, files);
    const identity = await readIdentity(disk, places.identity);
    if (identity !== undefined && identity.ec2InstanceId !== ec2InstanceId) {
      log.warn(
        "The stored identity is that of another instance: this one is a copy, and registers as a new instance.",
        {
          id: identity.id,
          ec2InstanceId,
        },
      );
      // The key goes first: after a death in between, the identity still says that this is a copy.
      await eraseFile(disk, places.key);
      await eraseFile(disk, places.rekey);
    } else {
      const key = await readKeyFile(disk, places.key);
      demandThatTheyFit(places, identity, key);
      if (key !== undefined) await eraseSpentPairs(parts, key);
      if (identity !== undefined) return settled(parts, identity, key);
    }
    const drawn = drawIdentity(ec2InstanceId, random);
    await storeIdentity(disk, places.identity, drawn);
    log.info("First boot: drew an ID.", { id: drawn.id, ec2InstanceId });
    return drawn;
  });
}

/** @throws UnusableFile if identity and key do not belong together, or one of them is missing */
export function demandThatTheyFit(
  places: Pick<Places, "identity" | "key">,
  identity: Pick<Identity, "id" | "ec2InstanceId" | "privateKey"> | undefined,
  key: KeyFile | undefined,
): void {
  if (identity === undefined && key !== undefined) {
    const put = "Nothing was changed. Put it back from a backup, or remove the whole state folder to register anew.";
    throw new UnusableFile(`${places.key} is there, but ${places.identity} is missing. ${put}`);
  }
  if (identity !== undefined && key === undefined && identity.privateKey === undefined) {
    throw new UnusableFile(`${places.identity} is there, but ${places.key} is missing. ${A_NEW_KEY}`);
  }
  if (identity === undefined || key === undefined) return;
  if (identity.id !== key.id || identity.ec2InstanceId !== key.ec2InstanceId) {
    throw new UnusableFile(`${places.identity} and ${places.key} belong to different instances. ${A_NEW_KEY}`);
  }
}

/**
 * An identity with a private key is left over from a death somewhere between its drawing and the storing of the first
 * key. The last rename before that death may not have lasted yet. It must, before anybody hears of the ID, and before
 * the means of agreeing the key once more go.
 */
async function settled(parts: BootParts, identity: Identity, key: KeyFile | undefined): Promise<Identity> {
  if (identity.privateKey === undefined) return identity;
  const { disk, places } = parts;
  await disk.syncFolder(places.folder);
  return key === undefined ? identity : erasePrivateKey(disk, places.identity, identity);
}
