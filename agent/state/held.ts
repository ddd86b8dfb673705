import type { Disk } from "../disk.ts";
import { Failure } from "../failure.ts";
import { demandThatTheyFit } from "./boot.ts";
import { readIdentity } from "./identity-file.ts";
import { type KeyFile, readKeyFile } from "./key-file.ts";
import type { Places } from "./places.ts";
import { UnusableFile } from "./read-json.ts";

/** Who this instance is, and the key that it holds. */
export interface Held {
  id: string;
  ec2InstanceId: string;
  /** Undefined where the key file is missing, or no good. */
  key: KeyFile | undefined;
  /** What is wrong with the key file. */
  trouble?: Failure;
}

/**
 * Reads who this instance is and what key it holds. An instance that has finished its registration is known without a key
 * that can be used: a rekey gives it another one.
 *
 * @returns undefined if there is no key, and nobody whose key it could be
 * @throws Failure if the key file is no good, and nobody is known whose it is; or if it cannot be read
 */
export async function readHeld(disk: Disk, places: Pick<Places, "identity" | "key">): Promise<Held | undefined> {
  const identity = await settledIdentity(disk, places.identity);
  try {
    const key = await readKeyFile(disk, places.key);
    if (identity !== undefined && key !== undefined) demandThatTheyFit(places, identity, key);
    const known = key ?? identity;
    return known && { id: known.id, ec2InstanceId: known.ec2InstanceId, key };
  } catch (error) {
    if (identity === undefined || !(error instanceof UnusableFile)) throw error;
    return { ...identity, key: undefined, trouble: error };
  }
}

/** The identity of an instance that has had a key; undefined also where the file is no good, which the daemon says. */
async function settledIdentity(disk: Disk, path: string): Promise<{ id: string; ec2InstanceId: string } | undefined> {
  try {
    const identity = await readIdentity(disk, path);
    if (identity === undefined || identity.privateKey !== undefined) return undefined;
    return { id: identity.id, ec2InstanceId: identity.ec2InstanceId };
  } catch (error) {
    // A turn needs no more than its key.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
