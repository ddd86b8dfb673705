import { adviceFor, consoleLink } from "../../record/advice.ts";
import type { InstanceRecord } from "../../record/record.ts";

/** What went wrong, as the rotation machine tells it. */
export interface Failure {
  id: string;
  step: string;
  what: string;
  cause: string;
  execution: string;
  lastProofAt?: number | undefined;
}

/** A mail that a person can act on. It holds identifiers and outcomes; no hash, no proof, no key. */
export function mailAbout(failure: Failure, record: InstanceRecord | undefined, now: number) {
  const { means, todo } = adviceFor(failure.what);
  const machine = record === undefined ? "" : ` (${record.ec2InstanceId})`;
  const proof = failure.lastProofAt ?? record?.lastProofAt;
  const lines = [
    `What:      ${failure.what} in ${failure.step}`,
    `Instance:  ${failure.id}${machine}`,
    ...(record === undefined
      ? []
      : [`Key:       generation ${record.current.generation}, since ${utc(record.current.since)}`]),
    `Noticed:   ${utc(now)}`,
    ...(record === undefined ? [] : [`Last proof: ${proof === undefined ? "none noted" : utc(proof)}`]),
    "",
    `It means:  ${means}`,
    `To do:     ${todo}`,
    ...(failure.cause === "" ? [] : ["", `Cause:     ${failure.cause}`]),
    "",
    `Execution: ${failure.execution}`,
    consoleLink(failure.execution),
    "",
    "You get this once. While it stands, a mail a day gathers what is still wrong.",
  ];
  return { subject: `Keyturn: ${failure.what} on ${failure.id}${machine}`, text: `${lines.join("\n")}\n` };
}

function utc(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
