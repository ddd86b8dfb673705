import type { InstanceRow, StandingRow } from "../../operator/page/wire/live.ts";

/** An instance at work of which nothing is to be said. */
export function instanceRow(more: Partial<InstanceRow> = {}): InstanceRow {
  return {
    ...{ id: "0a1b2c", ec2InstanceId: "i-0123456789abcdef0", ip: "10.0.0.7", status: "ACTIVE", verdict: "MATCH" },
    ...{ rank: 8, needsAttention: false, tone: "good", words: [] },
    ...more,
  };
}

/** A finding that stands, with a mail of few words. */
export function standingRow(more: Partial<StandingRow> = {}): StandingRow {
  const subject = more.subject ?? "0a1b2c";
  return {
    ...{
      subject,
      named: subject,
      cause: "MISMATCH",
      since: 1_000,
      times: 1,
      title: "proofs do not fit",
      means: "Altered.",
    },
    ...{ todo: "Rekey.", section: "MISMATCH", execution: "", link: "", mail: { subject: "", text: "" }, members: [] },
    ...more,
  };
}
