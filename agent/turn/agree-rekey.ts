import { agreedKey, REGISTRATION_CALL_SECONDS, type Refusal, type Ticket } from "../../protocol/index.ts";
import type { Disk } from "../disk.ts";
import { sentenceOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Answer } from "../registration/answer.ts";
import type { Register } from "../registration/call.ts";
import { MEANING } from "../registration/meaning.ts";
import { drawKeyPair } from "../state/key-pair.ts";
import type { Places } from "../state/places.ts";
import { erasePair, type RekeyPair, readRekeyFile, storeRekeyFile } from "../state/rekey-file.ts";
import { VERSION } from "../version.ts";
import { within } from "../within.ts";

export interface RekeyParts {
  disk: Disk;
  places: Pick<Places, "folder" | "rekey">;
  register: Register;
  /** This instance's address. */
  ip: (signal?: AbortSignal) => Promise<string>;
  random: (bytes: number) => Buffer;
  log: Log;
  signal?: AbortSignal;
}

/** How many pairs are kept, while the registration function says nothing of their rekeys. */
const MOST_PAIRS = 5;

/** The refusals of which it follows that no key has been agreed with this pair, or that none will ever be used. */
const FOR_GOOD: readonly string[] = ["NO_REKEY", "REKEY_TAKEN"] satisfies Refusal[];

/** Whose key it is to be. */
interface Instance {
  id: string;
  ec2InstanceId: string;
}

/** The key that was agreed, or why there is none. */
export type Agreed = { key: string } | { reason: "REKEY_REFUSED" | "REKEY_UNAVAILABLE" };

/**
 * Agrees the key of a rekey with the registration function, which alone knows whether the ticket is the control plane's. To
 * be called under the lock; whoever calls it stores the key. The pair lasts before anybody hears of it, and the same ticket
 * uses it again: so an answer that was lost can be had once more, and gives the same key.
 *
 * @throws Failure when the pair cannot be drawn or stored
 */
export async function agreeRekey(instance: Instance, ticket: Ticket, parts: RekeyParts): Promise<Agreed> {
  const { log } = parts;
  const { id, ec2InstanceId } = instance;
  const { generation, nonce } = ticket;
  const { privateKey, publicKey } = await lastingPair(instance, ticket, parts);
  const answer = await ask({ id, generation, nonce, publicKey }, parts);
  if (answer.kind === "refused") {
    log.error(`The rekey is refused: ${MEANING[answer.reason]}`, { id, generation, reason: answer.reason });
    // The others may pass, and a key may have been agreed before.
    if (FOR_GOOD.includes(answer.reason)) await erasePair(parts, instance, publicKey);
    return { reason: "REKEY_REFUSED" };
  }
  const unusable = (sentence: string): Agreed => {
    log.error(`No key could be agreed: ${sentence}`, { id, generation });
    return { reason: "REKEY_UNAVAILABLE" };
  };
  if (answer.kind !== "registered") return unusable(answer.sentence);
  const { serverPublic } = answer;
  if (answer.generation !== generation || serverPublic === undefined) {
    return unusable(
      "the registration function answered " +
        (serverPublic === undefined ? "without a public key." : `for generation ${answer.generation}.`),
    );
  }
  try {
    const publicKeys = { publicKey: serverPublic, agentPublic: publicKey, serverPublic };
    return { key: agreedKey({ purpose: "rekey", id, ec2InstanceId, generation, privateKey, ...publicKeys }) };
  } catch {
    return unusable("the registration function answered with a public key that is good for nothing.");
  }
}

/**
 * The pair for this very rekey: the one that an attempt before has left, or a fresh one. A pair is never used for another
 * rekey: whoever has seen the disk since could follow.
 */
async function lastingPair(
  { id, ec2InstanceId }: Instance,
  { generation, nonce }: Ticket,
  { disk, places, random, log }: RekeyParts,
): Promise<RekeyPair> {
  const file = await readRekeyFile(disk, places.rekey, log);
  const isOwn = file !== undefined && file !== "damaged" && file.id === id && file.ec2InstanceId === ec2InstanceId;
  const pairs = isOwn ? file.pairs : [];
  const left = pairs.find((pair) => pair.generation === generation && pair.nonce === nonce);
  if (left !== undefined) {
    // That attempt may have died after the rename and before it lasted.
    await disk.syncFolder(places.folder);
    return left;
  }
  const drawn: RekeyPair = { generation, nonce, ...drawKeyPair(random) };
  const newest = [...pairs, drawn].slice(-MOST_PAIRS);
  await storeRekeyFile(disk, places.rekey, { version: 1, id, ec2InstanceId, pairs: newest });
  return drawn;
}

/** Never rejects, and holds the lock no longer than others wait for it. */
async function ask(
  asked: { id: string; generation: number; nonce: string; publicKey: string },
  { register, ip, signal }: RekeyParts,
): Promise<Answer> {
  try {
    return await within(REGISTRATION_CALL_SECONDS, signal, async (limit) =>
      register({ ...asked, ip: await ip(limit), flag: "rekey", agentVersion: VERSION }, limit),
    );
  } catch (error) {
    return { kind: "unavailable", sentence: sentenceOf(error) };
  }
}
