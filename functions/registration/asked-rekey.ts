import { sameSecret } from "../../protocol/index.ts";
import { isRetired, type Rekey, type StoredRecord } from "../record/record.ts";
import { digestOf } from "../shared/digest.ts";

/** Who asks for the key of a rekey, and by which ticket. */
export interface RekeyAsked {
  ec2InstanceId: string;
  generation?: number | undefined;
  nonceDigest?: string | undefined;
  publicKey?: string | undefined;
}

/** Why no key is agreed: a reason of refusal. */
type Refused = "UNKNOWN_ID" | "NOT_OWNER" | "RETIRED" | "QUARANTINED" | "NO_REKEY" | "REKEY_TAKEN";

/**
 * Finds the rekey that an instance asks for: it must stand in the caller's own record with just this generation and nonce,
 * and nobody else may have agreed a key by it. So a ticket that somebody made up changes nothing, and of two who answer the
 * same ticket the second is refused.
 */
export function askedRekey(
  record: StoredRecord | undefined,
  { ec2InstanceId, generation, nonceDigest = "", publicKey }: RekeyAsked,
): { rekey: Rekey } | { refused: Refused } {
  if (record === undefined) return { refused: "UNKNOWN_ID" };
  if (record.ec2InstanceId !== ec2InstanceId) return { refused: "NOT_OWNER" };
  if (isRetired(record)) return { refused: "RETIRED" };
  if (record.status === "QUARANTINED") return { refused: "QUARANTINED" };
  const { rekey } = record;
  const isAsked = rekey?.generation === generation && sameSecret(digestOf(rekey?.nonce ?? ""), nonceDigest);
  if (rekey === undefined || !isAsked) return { refused: "NO_REKEY" };
  if (rekey.agreed !== undefined && rekey.agreed.agentPublic !== publicKey) return { refused: "REKEY_TAKEN" };
  return { rekey };
}
