import { isToBeLookedAt, type LookedAtCredential } from "../../credential-state.ts";
import { wordsOfCredential } from "../../tables/secrets.ts";
import type { CredentialRow, VersionRow } from "../wire/live.ts";
import { consumersOf } from "./consumers.ts";

/** @param arnOf makes the ARN of an execution of the flow `credential` of its name */
export function credentialRow(looked: LookedAtCredential, now: number, arnOf: (name: string) => string): CredentialRow {
  const { credential, behind, findings } = looked;
  const { name, current, failing } = credential;
  return {
    ...{ name, words: wordsOfCredential(looked, now), causes: [...new Set(findings.map(({ cause }) => cause))] },
    tone: isToBeLookedAt(looked) ? "bad" : behind.length > 0 ? "warn" : current === undefined ? "quiet" : "good",
    versions: versionsOf(credential, arnOf),
    consumers: consumersOf(looked),
    ...(failing !== undefined && {
      failing: { since: failing.since, nextTryAt: failing.nextTryAt, what: failing.what },
    }),
  };
}

function versionsOf(
  { current, predecessor }: LookedAtCredential["credential"],
  arnOf: (name: string) => string,
): VersionRow[] {
  const rows: VersionRow[] = [];
  if (current !== undefined) {
    const { versionId, user, since, execution, life } = current;
    const promoted = { versionId, since, ...(execution !== undefined && { execution: arnOf(execution) }) };
    rows.push({ is: "current", user, ...promoted, ...(life !== undefined && { goodUntil: life.to }) });
  }
  if (predecessor !== undefined) {
    const { user, life, shutAt } = predecessor;
    const ends = { ...(life !== undefined && { goodUntil: life.to }), ...(shutAt !== undefined && { shutAt }) };
    rows.push({ is: "former", user, ...ends });
  }
  return rows;
}
