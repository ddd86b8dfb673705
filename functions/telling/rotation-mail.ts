import type { InstanceRecord } from "../record/record.ts";
import { adviceFor } from "./advice.ts";
import { layout } from "./layout.ts";
import { nextTry } from "./next-try.ts";
import { utc } from "./time.ts";

/** What went wrong, as the flow of the rotation tells it. */
export interface Failure {
  id: string;
  step: string;
  what: string;
  cause: string;
  execution: string;
  lastProofAt?: number | undefined;
}

/**
 * A mail that a person can act on. It holds identifiers and outcomes; no hash, no proof, no key.
 *
 * @param when milliseconds since 1970: of the mail, and from when on the rotation is tried again
 */
export function rotationMail(
  failure: Failure,
  record: InstanceRecord | undefined,
  when: { now: number; againAt: number },
) {
  const { means, todo } = adviceFor(failure.what);
  const { id, step, what, cause, execution } = failure;
  const instance = record === undefined ? id : `${id} (${record.ec2InstanceId})`;
  const proof = failure.lastProofAt ?? record?.lastProofAt;
  const text = layout(
    [
      [
        ["What", `${what} in ${step}`],
        ["Instance", instance],
        ...(record ? [["Key", `generation ${record.current.generation}, since ${utc(record.current.since)}`]] : []),
        ["Noticed", utc(when.now)],
        ...(record ? [["Last proof", proof === undefined ? "none noted" : utc(proof)]] : []),
        // Beside a conflict the rotation goes on.
        ...(record && what !== "CONFLICT" ? [["Next try", nextTry({ ...record, dueAt: when.againAt })]] : []),
      ] as [string, string][],
      [
        ["It means", means],
        ["To do", todo],
      ],
      cause === "" ? [] : [["Cause", cause]],
    ],
    execution,
    ["You get this once. While it stands, a mail a day gathers what is still wrong."],
  );
  return { subject: `Keyturn: ${what} on ${instance}`, text };
}
