import { dayOf } from "../../functions/audit/days.ts";
import { AUDIT_FAULTS, type AuditFault, type CheckedSeals, type KnownSeal } from "../../protocol/index.ts";
import { EXIT, type ExitCode } from "../exits.ts";
import { counted } from "../output/count.ts";
import type { Output } from "../output/output.ts";

/** What has been checked of the audit, and what came of it. */
export interface Verdict {
  /** Each with what its kind means. */
  faults: (AuditFault & { means: string })[];
  seals: number;
  /** The last seal; what was put after its day is not sealed. */
  sealed?: KnownSeal;
  /** How many digests were given from outside. */
  known: number;
}

export function verdictOf(faults: AuditFault[], seals: CheckedSeals, known: readonly KnownSeal[]): Verdict {
  const { last } = seals;
  return {
    faults: faults.map((fault) => ({ ...fault, means: AUDIT_FAULTS[fault.what] })),
    seals: seals.count,
    ...(last !== undefined && { sealed: last }),
    known: known.length,
  };
}

export function exitOf({ faults }: Verdict): ExitCode {
  return faults.length === 0 ? EXIT.done : EXIT.attention;
}

/** The verdict in sentences, the faults last. */
export function sentencesOf({ faults, seals, sealed, known }: Verdict, now: number): string[] {
  const open = `today (${dayOf(now)}) is not sealed yet`;
  return [
    sealed === undefined
      ? `Nothing is sealed yet: what was hashed anew, or cut from the end, is not found.`
      : `Sealed up to ${sealed.day}, by ${counted(seals, "seal")}, the last one ${sealed.digest}; ${open}.`,
    known === 0
      ? "No digest from outside was given (--seal): whoever has hashed everything anew, seals included, is not found out."
      : `Checked against ${counted(known, "digest")} from outside.`,
    faults.length === 0
      ? "The chain and the seals hold."
      : `${counted(faults.length, "fault")}: docs/runbook.md, section Audit.`,
    ...faults.map(({ what, says, means }) => `${what}  ${says} It means: ${means}.`),
  ];
}

export function printVerdict(verdict: Verdict, now: number, out: Output): void {
  for (const sentence of sentencesOf(verdict, now)) out.line(sentence);
}
