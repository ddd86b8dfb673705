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

/** An audit line, as it is stored. */
export interface AuditLine {
  /** Whom or what it is about: the ID of an instance, the name of a secret, an ID that EC2 gives. */
  subject: string;
  /** Counts the subject's lines from 1. */
  n: number;
  /** When the act took place, in milliseconds since 1970. */
  timeMs: number;
  act: string;
  /** JSON text: its digest is over these very characters. */
  details: string;
  /** The digest of the subject's line before; empty for the first. */
  previous: string;
  /** The line's `auditDigest`. */
  digest: string;
}

/** A day's seal over the chains that have grown since the seal before. */
export interface Seal {
  /** Like `2026-11-26`. */
  day: string;
  /** The digest of the seal before; empty for the first. */
  previous: string;
  /** The last line of every subject with new lines, each subject once. */
  heads: Head[];
  /** The seal's `sealDigest`. */
  digest: string;
}

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
export function auditDigest(line: Omit<AuditLine, "digest">): string {
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
export function sealDigest(seal: Omit<Seal, "digest">): string {
  const { previous, day, heads } = seal;
  demandHex64OrEmpty(previous, "previous");
  demandDay(day, "day");
  demandList(heads, "heads");
  heads.forEach((head, index) => {
    demandText(head?.subject, `heads[${index}].subject`);
    demandCount(head.n, `heads[${index}].n`);
    demandHex64(head.digest, `heads[${index}].digest`);
  });
  const inOrder = headsInOrder(heads);
  if (inOrder.some(({ subject }, index) => subject === inOrder[index + 1]?.subject)) {
    throw new TypeError("heads must name each subject once");
  }
  const fields = inOrder.flatMap(({ subject, n, digest }) => [subject, n, digest]);
  return digestOf(frame("keyturn/seal/v1", previous, day, ...fields));
}

/** Heads in the order in which they are sealed: that of their subjects' bytes. */
export function headsInOrder(heads: readonly Head[]): Head[] {
  return heads.toSorted((one, other) => Buffer.compare(Buffer.from(one.subject), Buffer.from(other.subject)));
}

function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
