import { createHash } from "node:crypto";
import { frame } from "./bytes.ts";
import {
  demandCount,
  demandDay,
  demandHex64,
  demandHex64OrEmpty,
  demandJson,
  demandList,
  demandText,
  demandTimeMs,
} from "./check.ts";

/** The last line of a subject's chain. */
export interface Head {
  subject: string;
  /** The line's number, counted from 1. */
  n: number;
  /** The line's `auditDigest`. */
  digest: string;
}

/**
 * The digest of an audit line, which chains it to the subject's line before.
 *
 * @param line `previous` is the digest of the line before, or empty for the first; `n` counts the subject's lines from
 *   1; `details` is the JSON text as it is stored
 * @returns 64 hexadecimal characters
 * @throws TypeError that names a malformed argument
 */
export function auditDigest(line: {
  previous: string;
  subject: string;
  n: number;
  timeMs: number;
  act: string;
  details: string;
}): string {
  const { previous, subject, n, timeMs, act, details } = line;
  demandHex64OrEmpty(previous, "previous");
  demandText(subject, "subject");
  demandCount(n, "n");
  demandTimeMs(timeMs);
  demandText(act, "act");
  demandJson(details, "details");
  return digestOf(frame("keyturn/audit/v1", previous, subject, n, timeMs, act, details));
}

/**
 * The digest of a day's seal over the chains that have grown since the seal before.
 *
 * @param seal `previous` is the digest of the seal before, or empty for the first; `day` is like `2026-11-26`; `heads`
 *   may come in any order and are sealed in that of their subjects' bytes
 * @returns 64 hexadecimal characters
 * @throws TypeError that names a malformed argument, or a subject that stands there twice
 */
export function sealDigest(seal: { previous: string; day: string; heads: Head[] }): string {
  const { previous, day, heads } = seal;
  demandHex64OrEmpty(previous, "previous");
  demandDay(day, "day");
  demandList(heads, "heads");
  heads.forEach((head, index) => {
    demandText(head?.subject, `heads[${index}].subject`);
    demandCount(head.n, `heads[${index}].n`);
    demandHex64(head.digest, `heads[${index}].digest`);
  });
  const inOrder = heads.toSorted((one, other) => Buffer.compare(Buffer.from(one.subject), Buffer.from(other.subject)));
  if (inOrder.some(({ subject }, index) => subject === inOrder[index + 1]?.subject)) {
    throw new TypeError("heads must name each subject once");
  }
  const fields = inOrder.flatMap(({ subject, n, digest }) => [subject, n, digest]);
  return digestOf(frame("keyturn/seal/v1", previous, day, ...fields));
}

function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
