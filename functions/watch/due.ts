import { createHash } from "node:crypto";
import { frame } from "../../protocol/index.ts";
import type { Credentials } from "../clients/credentials.ts";
import { alterCredential } from "../credential/alter.ts";
import { longestPauseMs } from "../credential/longest-pause.ts";
import type { CredentialRecord } from "../credential/record.ts";
import type { CredentialSettings } from "../shared/credential-settings.ts";
import type { SeenCredential } from "./seen-credential.ts";

const AN_HOUR_MS = 3600_000;
/** How often in an hour a refusal is answered by a turn: Secrets Manager keeps a hundred versions of a day. */
const MOST_REFUSALS = 4;

/** Whether nobody is served by the current token: the probe refuses it, or the secret holds none. */
export function isRefused({ says, failed }: Pick<SeenCredential, "says" | "failed">): boolean {
  return says.some((one) => one.says === "REFUSED") || (says.length === 0 && failed === undefined);
}

/**
 * Whether a refused token is turned now: at once where that was not begun yet since it was promoted, so that what failed for
 * another reason keeps nobody without a token. After that, failures are waited for as others are: a probe that refuses everything
 * does not cost a token in each look. Nor does one that refuses each token after a while: a few in an hour are enough.
 */
export function isRefusalDue(record: CredentialRecord, now: number): boolean {
  if (isBegun(record, record.current?.versionId)) return isDue(record, now);
  return (record.refused ?? []).filter(({ at }) => at > now - AN_HOUR_MS).length < MOST_REFUSALS;
}

function isBegun({ refused = [] }: Pick<CredentialRecord, "refused">, version: string | undefined): boolean {
  return refused.some(({ versionId }) => versionId === version);
}

/** Notes that a turn was begun because the token of the version that was promoted last is refused. */
export async function noteRefusal(
  { name, current }: CredentialRecord,
  at: number,
  credentials: Credentials,
): Promise<void> {
  if (current === undefined) return;
  const { versionId } = current;
  await alterCredential(
    name,
    (record) => {
      const refused = [...(record.refused ?? []), { versionId, at }].slice(-MOST_REFUSALS);
      return isBegun(record, versionId) ? undefined : { ...record, refused };
    },
    { credentials },
  );
}

/** Whether what failed last is to be tried again by now. */
export function isDue({ failing }: Pick<CredentialRecord, "failing">, now: number): boolean {
  return (failing?.nextTryAt ?? 0) <= now;
}

/** Of a token's life: where Secrets Manager has it turned by a schedule, that is at half of it at the latest, within a day. */
const SCHEDULE_HAS_FAILED = 5 / 8;

/**
 * Whether so much of the current token's life is over that the watch asks for another one: half of it, where there is no schedule
 * of Secrets Manager's, and a part more where there is one that has come to nothing. So the two never ask for the same turn.
 *
 * @param now milliseconds since 1970
 */
export function isLate(
  { current }: Pick<CredentialRecord, "current">,
  credential: CredentialSettings,
  now: number,
): boolean {
  if (credential.kind === "database" || current?.life === undefined) return false;
  const { from, to } = current.life;
  return now >= from + (to - from) * (credential.halfLife ? 1 / 2 : SCHEDULE_HAS_FAILED);
}

/**
 * By which token a turn is asked for. The same look again gives the same, and so does each look until the record says otherwise,
 * or until what died without a word has had its time.
 */
export function tokenOfRequest(
  { name, current, failing }: CredentialRecord,
  credential: CredentialSettings,
  now: number,
): string {
  const part = Math.floor(now / longestPauseMs(credential));
  const what = frame(name, current?.versionId ?? "", failing?.nextTryAt ?? 0, part);
  return createHash("sha256").update(what).digest("hex").slice(0, 40);
}
