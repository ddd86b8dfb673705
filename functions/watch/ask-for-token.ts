import { createHash } from "node:crypto";
import { frame } from "../../protocol/index.ts";
import type { Secrets } from "../clients/secrets.ts";
import { isUrgent } from "../credential/is-urgent.ts";
import type { CredentialRecord } from "../credential/record.ts";
import type { SeenCredential } from "./seen-credential.ts";

/**
 * Asks for a turn of a token: at once where the probe refuses the current one, or the secret holds none; and when half of its
 * life is over, which is the only schedule of one that lives too short for Secrets Manager's. Who has not moved is waited for
 * only while the current one is accepted, and will be for long enough.
 *
 * The same look again is the same request, and so is each look until the record says otherwise.
 *
 * @param record with a version that was promoted: before the first one, the deployment asks
 * @returns whether it was asked for
 */
export async function askForToken(
  seen: SeenCredential,
  record: CredentialRecord,
  { secrets, now }: { secrets: Pick<Secrets, "askForRotation">; now: () => number },
): Promise<boolean> {
  const { name, current, failing } = record;
  if (current === undefined || seen.failed !== undefined) return false;
  const isRefused = seen.says.length === 0 || seen.says.some(({ says }) => says === "REFUSED");
  const isHalfOver = current.life !== undefined && now() >= (current.life.from + current.life.to) / 2;
  const isFree = seen.uses?.behind === 0 || isUrgent(record, now());
  if (!isRefused && !(isHalfOver && isFree)) return false;
  const token = createHash("sha256")
    .update(frame(name, current.versionId, failing?.nextTryAt ?? 0))
    .digest("hex")
    .slice(0, 40);
  return (await secrets.askForRotation(name, token)) === "asked";
}
