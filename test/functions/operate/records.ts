import type { Status } from "../../../functions/record/record.ts";
import { EC2, ID, NOW } from "../support.ts";

export const RUN = "arn:aws:states:us-east-1:000000000000:execution:keyturn-operate:drill-1";

/** What an act is given on the instance that there is, which stood so when the execution began. */
export function meant(status: Status, changes: { id?: string } = {}) {
  return { id: ID, ec2InstanceId: EC2, status, reason: "a leak", requestedBy: "Ann", execution: RUN, ...changes };
}

/** The audit line that lies there of an act: number, name, and who asked for it and why, as claimed. */
export const lineLying = (n: number, act: string) => ({
  ...{ subject: ID, n, act, timeMs: NOW },
  details: '{"execution":"drill-1","reason":"a leak","requestedBy":"Ann"}',
});

/** What is written down of an act. */
export function operatedLine(act: string, outcome: string): string {
  const line = { act, id: ID, outcome, requestedBy: "Ann", reason: "a leak", execution: RUN };
  return `operated ${JSON.stringify(line)}`;
}
