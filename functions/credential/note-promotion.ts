import { lineOf } from "../audit/line.ts";
import type { Audit } from "../clients/audit.ts";
import type { Credentials } from "../clients/credentials.ts";
import { executionName } from "../record/execution-name.ts";
import { alterCredential, putCredentialLines, withLine } from "./alter.ts";
import { withIssued } from "./issued.ts";
import type { CredentialRecord } from "./record.ts";
import { whoAsked } from "./who-asked.ts";

interface Promotion {
  /** The secret's name. */
  secret: string;
  /** The ID of the version that is current now. */
  token: string;
  /** What the audit is told beside that: verdict and former version, where they are known. */
  details: { verdict?: string; from?: string | undefined };
  /** ARN of the execution. */
  execution: string;
  /** Its input, as it claims who asked. */
  asked: unknown;
  /** When the step was entered that promotes, in milliseconds since 1970. */
  enteredAt: number;
}

/**
 * Notes in a credential's record that its confirmed version was promoted, with its audit line, once. Done again, it changes
 * nothing, and nothing is noted of a version that is not the confirmed one.
 *
 * @returns the record as it stands then: the version is noted if it is `current` there
 */
export async function notePromotion(
  { secret, token, details, execution, asked, enteredAt }: Promotion,
  neighbours: { credentials: Credentials; audit: Audit; now: () => number },
): Promise<CredentialRecord> {
  const { credentials, now } = neighbours;
  const since = now();
  const record = await alterCredential(
    secret,
    ({ failing: _, predecessor: standing, ...before }) => {
      // It stays: whoever has come since the authority accepted it uses it, however late it was noted.
      const { confirmed } = before;
      if (confirmed?.versionId !== token || before.current?.versionId === token) return undefined;
      const { user, life } = confirmed;
      // One that waits still is done with if his user was turned just now, but for his token, which may be honoured.
      const left = standing?.user === user ? undefined : standing;
      const isForced = life !== undefined && before.requested.some((one) => one.token === token && one.force);
      const known = life !== undefined && standing !== undefined ? withIssued(before, standing.versionId) : before;
      const successor = { versionId: token, user, ...(life && { life }) };
      const former = confirmed.former
        ? { ...confirmed.former, announced: [], ...(isForced && { forced: true as const }) }
        : left;
      const by = whoAsked(before, { token, input: asked });
      const line = lineOf("promoted", enteredAt, { ...details, token, user, execution, ...by });
      const promoted = {
        ...known,
        current: { ...successor, since, execution: executionName(execution) },
        ...(former && { predecessor: former }),
        requested: before.requested.filter((one) => one.token !== token),
      };
      return withLine(promoted, line);
    },
    { credentials },
  );
  await putCredentialLines(record, neighbours);
  return record;
}
