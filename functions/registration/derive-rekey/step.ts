import { instanceRegistered } from "../../../events/instance-registered.ts";
import { agreedKey, keyPair, receiptProof } from "../../../protocol/index.ts";
import type { AgreedKey, Rekey } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { digestOf } from "../../shared/digest.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { askedRekey } from "../asked-rekey.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/** Under which error of the flow each refusal is raised. */
const ERRORS = {
  ...{ UNKNOWN_ID: "NotOwner", NOT_OWNER: "NotOwner", RETIRED: "Retired", QUARANTINED: "Quarantined" },
  ...{ NO_REKEY: "NoRekey", REKEY_TAKEN: "RekeyTaken" },
} as const;

/** Of those that answer one ticket at once, each but one finds at the second look that it has come too late. */
const MOST_LOOKS = 2;

/**
 * Agrees the key of a rekey: it is kept beside the current one before the instance hears of it, and only its receipt makes it
 * the current one. Asked once more by the same instance, whose answer was lost, it gives the same answer.
 */
export async function deriveRekey(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { registry, bus, journal } = neighbours;
  const { id, ec2InstanceId, ip, generation } = input;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const asked = askedRekey(await registry.find(id), input);
    if ("refused" in asked) {
      throw new StepError(ERRORS[asked.refused], `No key is agreed with ${ec2InstanceId} for ${id}: ${asked.refused}.`);
    }
    const agreed = asked.rekey.agreed ?? (await agree(asked.rekey, input, neighbours));
    if (agreed === undefined) continue;
    await bus.put(instanceRegistered, { id, ec2InstanceId, ip, flag: "rekey", generation });
    journal.info("key agreed", { id, ec2InstanceId, generation });
    return { generation, serverPublic: agreed.serverPublic };
  }
  throw new StepError(TEMPORARILY_UNAVAILABLE, `The record of ${id} is written at this moment.`);
}

/** @returns undefined if the record was written meanwhile */
async function agree(
  { nonce }: Rekey,
  { id, ec2InstanceId, generation, publicKey }: Input,
  { registry, vault, random }: Neighbours,
): Promise<AgreedKey | undefined> {
  const name = { id, ec2InstanceId, generation };
  const server = keyPair(random);
  const publicKeys = { agentPublic: publicKey, serverPublic: server.publicKey };
  const key = agreedKey({ purpose: "rekey", ...name, privateKey: server.privateKey, publicKey, ...publicKeys });
  const receiptDigest = digestOf(receiptProof({ ...name, key, nonce }));
  const agreed = { ciphertext: await vault.seal(key, name), ...publicKeys, receiptDigest };
  return (await registry.agreeRekey(id, { ec2InstanceId, generation, nonce, agreed })) ? agreed : undefined;
}
