import type { Vault } from "../../clients/vault.ts";
import type { InstanceRecord } from "../../record/record.ts";

/**
 * The keys by which an instance is judged, in the clear: its current one, and the one that was agreed by a rekey that stands.
 * A pending key is not decrypted but derived.
 *
 * @throws StepError KeyUnreadable
 */
export async function openKeys(
  { id, ec2InstanceId, current, rekey }: InstanceRecord,
  vault: Vault,
): Promise<{ currentKey: string; rekeyKey?: string }> {
  const nameOf = (generation: number) => ({ id, ec2InstanceId, generation });
  const currentKey = await vault.unseal(current.ciphertext, nameOf(current.generation));
  if (rekey?.agreed === undefined) return { currentKey };
  return { currentKey, rekeyKey: await vault.unseal(rekey.agreed.ciphertext, nameOf(rekey.generation)) };
}
