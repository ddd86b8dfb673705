import type { Audit } from "../clients/audit.ts";
import type { Credentials } from "../clients/credentials.ts";
import type { Stages } from "../clients/secrets.ts";
import { notePromotion } from "./note-promotion.ts";
import type { CredentialRecord } from "./record.ts";

/**
 * Notes a promotion in the place of a step that died before it could: the confirmed version is current, and the record does
 * not say so yet. Without that, nobody would retire the user before it.
 *
 * @param seen.stages as they were read before the record
 * @param seen.record as it stands
 * @returns the record as it stands then; as it was given where there is nothing to note
 */
export async function noteLostPromotion(
  { stages, record }: { stages: Stages | undefined; record: CredentialRecord },
  by: Pick<Parameters<typeof notePromotion>[0], "execution" | "asked" | "enteredAt">,
  neighbours: { credentials: Credentials; audit: Audit; now: () => number },
): Promise<CredentialRecord> {
  const { name, confirmed, current } = record;
  if (stages?.current === undefined || confirmed?.versionId !== stages.current) return record;
  if (current?.versionId === stages.current) return record;
  const from = confirmed.former?.versionId ?? stages.predecessor;
  return notePromotion({ secret: name, token: stages.current, details: { from }, ...by }, neighbours);
}
